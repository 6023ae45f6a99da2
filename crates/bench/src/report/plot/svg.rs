//! A plot as SVG. It brings its own light background, so that it can be read on a dark page.

use std::fmt::{self, Write};

use super::{Plot, Series, axis::Ruler};
use crate::report::numbers::number;

const WIDTH: f64 = 720.0;
/// The frame of the points: left, right, top; the legend lies below the axis.
const LEFT: f64 = 76.0;
const RIGHT: f64 = WIDTH - 24.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 368.0;
const LEGEND: f64 = 436.0;
const LINE: f64 = 20.0;
/// Colours that people who see few of them tell apart (Okabe and Ito), and a shape for each.
const COLOURS: [&str; 5] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#5b5b5b"];
/// Straight pieces of a fitted line: enough for a curve.
const PIECES: usize = 48;

/// The picture of a plot.
pub(super) fn draw(plot: &Plot) -> String {
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut svg, plot);
    svg
}

fn write(svg: &mut String, plot: &Plot) -> fmt::Result {
    let points = || plot.series.iter().flat_map(|series| &series.points);
    let x = plot.x.ruler(points().map(|(x, _)| *x));
    let y = plot.y.ruler(points().map(|(_, y)| *y));
    let height = LEGEND + LINE * plot.series.len() as f64;
    let title = escaped(&plot.title);
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"#fbfbf9\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"15\" font-weight=\"600\">{title}</text>"
    )?;
    axes(svg, plot, &x, &y)?;
    for (place, series) in plot.series.iter().enumerate() {
        let colour = COLOURS[place % COLOURS.len()];
        curve(svg, series, colour, &x, &y)?;
        for point in &series.points {
            if let Some((across, down)) = spot(&x, &y, *point) {
                mark(svg, place, colour, across, down)?;
            }
        }
        let down = LEGEND + LINE * place as f64;
        mark(svg, place, colour, LEFT + 6.0, down - 4.0)?;
        let line = series.line().map(|line| format!(": {}", line.equation()));
        let text = escaped(&format!("{}{}", series.name, line.unwrap_or_default()));
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{down}\">{text}</text>",
            LEFT + 20.0
        )?;
    }
    writeln!(svg, "</svg>")
}

fn axes(svg: &mut String, plot: &Plot, x: &Ruler, y: &Ruler) -> fmt::Result {
    writeln!(svg, "<g stroke=\"#dcdcd6\">")?;
    for down in y.marks.iter().filter_map(|mark| height(y, *mark)) {
        writeln!(svg, "<path d=\"M{LEFT} {down:.1}H{RIGHT}\"/>")?;
    }
    for across in x.marks.iter().filter_map(|mark| width(x, *mark)) {
        writeln!(svg, "<path d=\"M{across:.1} {TOP}V{BOTTOM}\"/>")?;
    }
    writeln!(
        svg,
        "</g>\n<path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" fill=\"none\" stroke=\"#444\"/>\n\
         <g text-anchor=\"end\">"
    )?;
    for mark in &y.marks {
        if let Some(down) = height(y, *mark) {
            let (across, down) = (LEFT - 8.0, down + 4.0);
            let text = number(*mark);
            writeln!(svg, "<text x=\"{across}\" y=\"{down:.1}\">{text}</text>")?;
        }
    }
    writeln!(svg, "</g>\n<g text-anchor=\"middle\">")?;
    for mark in &x.marks {
        if let Some(across) = width(x, *mark) {
            let (down, text) = (BOTTOM + 18.0, number(*mark));
            writeln!(svg, "<text x=\"{across:.1}\" y=\"{down}\">{text}</text>")?;
        }
    }
    let (middle, centre) = ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
    writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{}\">{}</text>\n\
         <text transform=\"translate(18 {centre}) rotate(-90)\">{}</text>\n</g>",
        BOTTOM + 40.0,
        escaped(&plot.x.label),
        escaped(&plot.y.label),
    )
}

/// The fitted line, or the points connected where there is none.
fn curve(svg: &mut String, series: &Series, colour: &str, x: &Ruler, y: &Ruler) -> fmt::Result {
    let line = series.line();
    let points: Vec<_> = match line {
        Some(line) => (0..=PIECES)
            .map(|piece| x.value(piece as f64 / PIECES as f64))
            .map(|x| (x, line.at(x)))
            .collect(),
        None => series.points.clone(),
    };
    let spots: Vec<_> = points
        .into_iter()
        .filter_map(|point| spot(x, y, point))
        .map(|(across, down)| format!("{across:.1},{down:.1}"))
        .collect();
    let dashes = if line.is_some() { "6 4" } else { "none" };
    writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-dasharray=\"{dashes}\"/>",
        spots.join(" ")
    )
}

/// One point: the shape, too, says whose it is.
fn mark(svg: &mut String, place: usize, colour: &str, across: f64, down: f64) -> fmt::Result {
    match place % 3 {
        0 => writeln!(
            svg,
            "<circle cx=\"{across:.1}\" cy=\"{down:.1}\" r=\"4\" fill=\"{colour}\"/>"
        ),
        1 => writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\" fill=\"{colour}\"/>",
            across - 4.0,
            down - 4.0
        ),
        _ => writeln!(
            svg,
            "<path d=\"M{:.1} {:.1}l5 9h-10z\" fill=\"{colour}\"/>",
            across,
            down - 5.0
        ),
    }
}

fn spot(x: &Ruler, y: &Ruler, point: (f64, f64)) -> Option<(f64, f64)> {
    Some((width(x, point.0)?, height(y, point.1)?))
}

fn width(ruler: &Ruler, value: f64) -> Option<f64> {
    Some(LEFT + (RIGHT - LEFT) * ruler.place(value)?)
}

fn height(ruler: &Ruler, value: f64) -> Option<f64> {
    Some(BOTTOM - (BOTTOM - TOP) * ruler.place(value)?)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use crate::report::{Axis, Fit, Plot};

    #[test]
    fn a_picture_has_points_lines_and_labels() {
        let plot = Plot::new(
            "cost & rows",
            Axis::logarithmic("stored messages"),
            Axis::linear("µs <a message>"),
        )
        .series("Snug", &[(1e4, 50.0), (1e7, 53.0)], Fit::Power)
        .series("Node", &[(1e4, 90.0), (1e7, 100.0)], Fit::None);
        let svg = plot.svg();
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        for part in [
            "<title>cost &amp; rows</title>",
            "fill=\"#fbfbf9\"",
            ">stored messages<",
            ">µs &lt;a message&gt;<",
            ">1,000,000<",
            "Snug: y = ",
            ">Node<",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        // Two points and the legend of each.
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("<rect x").count(), 3);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(plot.equations().len(), 1);
        let opened = svg.matches("<g").count();
        assert_eq!(opened, svg.matches("</g>").count());
    }

    #[test]
    fn an_empty_plot_is_drawn_too() {
        let svg = Plot::new("nothing", Axis::linear("x"), Axis::logarithmic("y"))
            .series("Snug", &[], Fit::Linear)
            .svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
