//! One metric on the page: title, legend, charts, caption.

use std::collections::BTreeSet;

use crate::escape::escape;
use crate::figure::{Figure, Line, Point};
use crate::svg::{Axis, Scale, Shading, heat_map, line_chart};

/// Ends a row of charts and begins the next.
const NEW_ROW: &str = "</div>\n<div class=\"charts\">\n";

/// Writes the section of one figure.
pub(super) fn section(figure: &Figure<'_>) -> String {
    let class = if figure.panels.len() + figure.heat.len() > 1 {
        "many"
    } else {
        "one"
    };
    let level = figure
        .level
        .map(|level| format!(" ({level})"))
        .unwrap_or_default();
    let unit = unit(figure).map(|unit| format!(" <small>{}</small>", escape(unit)));
    format!(
        "<figure class=\"{class}\">\n<h3>{}{level}{}</h3>\n{}<div class=\"charts\">\n{}</div>\n\
         <figcaption>{}</figcaption>\n</figure>\n",
        escape(figure.metric),
        unit.unwrap_or_default(),
        legend(figure),
        charts(figure),
        caption(figure)
    )
}

/// The unit, if it is more than a pure number.
fn unit<'a>(figure: &Figure<'a>) -> Option<&'a str> {
    figure
        .info
        .map(|info| info.unit)
        .filter(|unit| !unit.is_empty() && *unit != "1")
}

/// All trajectories, then all matrices. Trajectories share their axes so that panels compare.
fn charts(figure: &Figure<'_>) -> String {
    let lines = || figure.panels.iter().flat_map(|panel| &panel.lines);
    let points =
        || lines().flat_map(|line: &Line| line.points.iter().chain(&line.expected).copied());
    let bands = points()
        .filter_map(|point: Point| point.band)
        .flat_map(<[f64; 2]>::from);
    let x = Axis {
        title: figure.x_title,
        scale: if figure.x_is_key {
            Scale::of_keys(points().map(|point| point.x))
        } else {
            Scale::of_instants(
                points().map(|point| point.x),
                figure.x_title == "generation",
            )
        },
    };
    let y_title = unit(figure).unwrap_or(figure.metric);
    let y = Axis {
        title: y_title,
        scale: Scale::of_values(points().map(|point| point.y), bands),
    };
    let shading = Shading::of(&figure.heat);
    let panels = figure.panels.iter().map(|panel| {
        // Beside other charts a title keeps the axes in one row.
        let beside = (!figure.heat.is_empty()).then_some("Over time");
        let title = panel.title.as_deref().or(beside);
        let label = format!("{} {}", figure.metric, title.unwrap_or("over time"));
        chart(title, &line_chart(panel, &x, &y, &label))
    });
    let last = figure.heat.len().saturating_sub(1);
    let maps = figure.heat.iter().enumerate().map(|(number, map)| {
        let title = Some(map.title.as_str()).filter(|title| !title.is_empty());
        let row = if map.ends_row && number < last {
            NEW_ROW
        } else {
            ""
        };
        chart(title, &heat_map(map, shading)) + row
    });
    // Matrices stand side by side, so they do not begin at the end of a row of panels.
    let row = if figure.panels.len() > 1 && !figure.heat.is_empty() {
        NEW_ROW
    } else {
        ""
    };
    panels.collect::<String>() + row + &maps.collect::<String>()
}

fn chart(title: Option<&str>, svg: &str) -> String {
    let title = title
        .map(|title| format!("<h4>{}</h4>", escape(title)))
        .unwrap_or_default();
    format!("<div>{title}{svg}</div>\n")
}

/// Names of the lines, once for all panels.
fn legend(figure: &Figure<'_>) -> String {
    let lines = figure.panels.iter().flat_map(|panel| &panel.lines);
    let names: BTreeSet<(usize, &str, &str)> = lines
        .map(|line| (line.colour, line.label.as_str(), line.stroke()))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let items = names.iter().map(|(colour, label, stroke)| {
        format!(
            "<li><svg class=\"key\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><line class=\"l \
             c{colour}{stroke}\" x1=\"0\" y1=\"5\" x2=\"28\" y2=\"5\"/></svg>{}</li>",
            escape(label)
        )
    });
    let lines = figure.panels.iter().flat_map(|panel| &panel.lines);
    let theory = if lines.clone().any(|line| !line.expected.is_empty()) {
        "<li><svg class=\"key\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><line class=\"t\" x1=\"0\" y1=\"5\" x2=\"28\" \
         y2=\"5\"/></svg>theory</li>"
    } else {
        ""
    };
    format!(
        "<ul class=\"legend\">{}{theory}</ul>\n",
        items.collect::<String>()
    )
}

fn caption(figure: &Figure<'_>) -> String {
    let mut parts = Vec::new();
    if let Some(info) = figure.info {
        parts.push(format!("<code>{}</code>", escape(info.formula)));
        parts.push(format!("(<cite>{}</cite>).", escape(info.source)));
    }
    parts.extend(figure.notes.iter().map(|note| escape(note)));
    parts.join(" ")
}
