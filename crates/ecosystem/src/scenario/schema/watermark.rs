//! Marks that models leave in what they write.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// Whether documents carry a watermark.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Watermark {
    /// None, or an ideal one: it changes nothing of what is written, and who looks for it finds it at stated rates.
    Ideal(bool),
    /// One that is written into the text, and that models which learn from it may pass on.
    Written(Written),
}

/// A watermark that is written into the text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Tokens that are favoured.
    pub green_list: GreenList,
}

/// For every token that may come before, a part of all tokens is green and likelier than the model has it (Kirchenbauer et al.
/// 2023), before the temperature and all cuts. Of bytes there are so few pairs that long texts hold them all, mark or no mark.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GreenList {
    /// Which tokens are green.
    pub key: u32,
    /// Share gamma of tokens that are green.
    #[serde(default = "defaults::gamma")]
    #[schemars(range(min = 1e-3, max = 0.999))]
    pub gamma: f64,
    /// Added to the logits of green tokens, delta. N-grams draw e^delta times as often for it, at worst.
    #[serde(default = "defaults::delta")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub delta: f64,
}

impl Default for Watermark {
    fn default() -> Self {
        Self::Ideal(false)
    }
}

impl Watermark {
    /// True if there is one.
    pub fn is_there(self) -> bool {
        self != Self::Ideal(false)
    }

    /// The green list, if there is one.
    pub fn green_list(self) -> Option<GreenList> {
        match self {
            Self::Written(Written { green_list }) => Some(green_list),
            Self::Ideal(_) => None,
        }
    }
}
