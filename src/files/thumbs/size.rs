//! Sizes of thumbnails, `WxH` with an optional letter, and which part of a picture they show. Pure.

/// A size as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
    fit: Fit,
}

/// What happens to a picture of other proportions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// Cut at both ends.
    Center,
    /// Cut at the bottom or at both sides.
    Top,
    /// Cut at the top or at both sides.
    Bottom,
    /// Shown whole, never larger than it is.
    Inside,
}

/// A part of a picture and how large it is to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shown: (u32, u32),
}

impl Size {
    /// Reads a size; `None` for whatever is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (plain, fit) = match text.as_bytes().last()? {
            b't' => (text.strip_suffix('t')?, Fit::Top),
            b'b' => (text.strip_suffix('b')?, Fit::Bottom),
            b'f' => (text.strip_suffix('f')?, Fit::Inside),
            _ => (text, Fit::Center),
        };
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().ok()).flatten()
        };
        let (width, height) = plain.split_once('x')?;
        let (width, height) = (number(width)?, number(height)?);
        (width > 0 || height > 0).then_some(Self { width, height, fit })
    }

    /// What of a picture is shown. Neither side of the result is zero.
    pub(super) fn view(self, width: u32, height: u32) -> View {
        let (w, h) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let (to_w, to_h) = (f64::from(self.width), f64::from(self.height));
        let whole = |shown_w: f64, shown_h: f64| View {
            left: 0.0,
            top: 0.0,
            width: w,
            height: h,
            shown: (side(shown_w), side(shown_h)),
        };
        if self.width == 0 {
            return whole((to_h * w / h + 0.5).floor(), to_h);
        }
        if self.height == 0 {
            return whole(to_w, (to_w * h / w + 0.5).floor());
        }
        if self.fit == Fit::Inside {
            return if w <= to_w && h <= to_h {
                whole(w, h)
            } else if w / h > to_w / to_h {
                whole(to_w, (to_w / (w / h)).floor())
            } else {
                whole((to_h * (w / h)).floor(), to_h)
            };
        }
        let scale = (w / to_w).min(h / to_h);
        let (part_w, part_h) = (to_w * scale, to_h * scale);
        View {
            left: (w - part_w) / 2.0,
            top: match self.fit {
                Fit::Top => 0.0,
                Fit::Bottom => h - part_h,
                Fit::Center | Fit::Inside => (h - part_h) / 2.0,
            },
            width: part_w,
            height: part_h,
            shown: (self.width, self.height),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, which is what is wanted"
)]
fn side(length: f64) -> u32 {
    (length as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes_are_numbers_with_a_letter() {
        for text in ["10x20", "0x20", "20x0", "5x5t", "5x5b", "5x5f", "007x1"] {
            assert!(Size::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "x",
            "10",
            "10x",
            "x10",
            "0x0",
            "0x0f",
            "10x10x",
            "-1x5",
            "+1x5",
            "10x10tt",
            " 1x1",
            "1x1ü",
            "99999999999x1",
            "10x10/../x",
        ] {
            assert!(Size::parse(text).is_none(), "{text}");
        }
    }

    /// The dimensions are those the reference makes.
    #[test]
    fn views_have_the_known_dimensions() {
        for (size, picture, shown) in [
            ("10x10", (40, 30), (10, 10)),
            ("500x500", (40, 30), (500, 500)),
            ("500x500f", (40, 30), (40, 30)),
            ("0x20", (40, 30), (27, 20)),
            ("20x0", (1, 50), (20, 1000)),
            ("0x20", (1, 50), (1, 20)),
            ("20x0", (333, 222), (20, 13)),
            ("20x7f", (333, 222), (10, 7)),
            ("7x20f", (333, 222), (7, 4)),
            ("7x20f", (64, 32), (7, 3)),
            ("20x7f", (1, 50), (1, 7)),
            ("20x7f", (500, 1), (20, 1)),
        ] {
            let view = Size::parse(size).unwrap().view(picture.0, picture.1);
            assert_eq!(view.shown, shown, "{size} of {picture:?}");
        }
    }

    #[test]
    fn letters_choose_the_part() {
        let view = |size: &str| {
            let view = Size::parse(size).unwrap().view(100, 300);
            format!("{} {} {} {}", view.left, view.top, view.width, view.height)
        };
        assert_eq!(view("10x10"), "0 100 100 100");
        assert_eq!(view("10x10t"), "0 0 100 100");
        assert_eq!(view("10x10b"), "0 200 100 100");
        let wide = Size::parse("10x10b").unwrap().view(300, 100);
        assert_eq!(format!("{} {}", wide.left, wide.top), "100 0");
    }
}
