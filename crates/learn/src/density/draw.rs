//! Draws from a density.

use types::random::{Cumulative, Stream};

use super::{Density, StudentT};

impl Density {
    /// So many independent draws. Each takes a component first, where there are several.
    pub fn draw(&self, count: usize, rng: &mut Stream) -> Vec<f64> {
        match self {
            Self::Normals(bells) => {
                let Some(choice) = Cumulative::new(bells.iter().map(|bell| bell.weight)) else {
                    return Vec::new();
                };
                let draw = |_| {
                    let bell = &bells[choice.draw(rng)];
                    bell.mean + bell.sd * rng.normal()
                };
                (0..count).map(draw).collect()
            }
            Self::StudentT(student) => (0..count).map(|_| student.draw(rng)).collect(),
        }
    }
}

impl StudentT {
    /// A normal draw over the root of chi^2 / dof, chi^2 being twice a Gamma(dof / 2) draw.
    pub(crate) fn draw(&self, rng: &mut Stream) -> f64 {
        let z = rng.normal();
        let chi2 = 2.0 * rng.gamma(0.5 * self.dof);
        self.location + self.scale * z / libm::sqrt(chi2 / self.dof)
    }

    /// Density to the power 1 / temperature: Student's t again, with (dof + 1) / temperature - 1 degrees of freedom. At a
    /// temperature of dof + 1 there is no density left; the result then has next to no degrees of freedom.
    pub(crate) fn tempered(&self, temperature: f64) -> Self {
        let dof = ((self.dof + 1.0) / temperature - 1.0).max(1e-3);
        Self {
            dof,
            scale: self.scale * libm::sqrt(self.dof / dof),
            ..*self
        }
    }
}
