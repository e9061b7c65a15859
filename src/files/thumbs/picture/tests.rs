//! Thumbnails by their pixels.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::{Format, Picture, Size, encode};

/// A picture whose red grows to the right and whose green grows downwards.
fn gradient(width: u32, height: u32) -> DynamicImage {
    let shade = |at: u32, of: u32| u8::try_from(at * 255 / of.max(1)).unwrap_or(255);
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([shade(x, width), shade(y, height), 0])
    })
    .into()
}

fn thumbnail(bytes: Vec<u8>, size: &str, to_webp: bool) -> (DynamicImage, Format) {
    let picture = Picture::open(bytes, 1 << 20).unwrap();
    let size = Size::parse(size).unwrap();
    let (bytes, format) = picture.thumbnail(size, to_webp).unwrap();
    assert_eq!(image::guess_format(&bytes).unwrap(), format.image());
    (image::load_from_memory(&bytes).unwrap(), format)
}

#[test]
fn formats_stay_and_webp_can_be_asked_for() {
    for format in [Format::Png, Format::Jpeg, Format::Gif, Format::Webp] {
        let bytes = encode(&gradient(60, 40), format).unwrap();
        let (shown, made) = thumbnail(bytes.clone(), "30x0", false);
        assert_eq!((made, shown.width(), shown.height()), (format, 30, 20));
        let (shown, made) = thumbnail(bytes, "10x10t", true);
        assert_eq!(
            (made, shown.width(), shown.height()),
            (Format::Webp, 10, 10)
        );
    }
}

#[test]
fn large_originals_and_broken_ones_are_refused() {
    let bytes = encode(&gradient(60, 40), Format::Png).unwrap();
    let refused = Picture::open(bytes.clone(), 2399).unwrap_err();
    assert!(
        refused.to_string().contains("too large (60x40)"),
        "{refused}"
    );
    assert!(Picture::open(b"<svg></svg>".to_vec(), 1 << 20).is_err());
    for format in [Format::Png, Format::Jpeg, Format::Webp] {
        let mut bytes = encode(&gradient(60, 40), format).unwrap();
        bytes.truncate(bytes.len() * 2 / 3);
        let made = Picture::open(bytes, 1 << 20)
            .and_then(|picture| picture.thumbnail(Size::parse("10x10").unwrap(), false));
        assert!(made.is_err(), "{format:?}");
    }
    let picture = Picture::open(bytes, 1 << 20).unwrap();
    let size = Size::parse("99999x99999").unwrap();
    assert!(picture.thumbnail(size, false).is_err());
}

#[test]
fn views_of_turned_pictures_show_what_a_viewer_sees() {
    let upright = gradient(160, 320);
    for orientation in (1..=8).map(|exif| Orientation::from_exif(exif).unwrap()) {
        // The stored pixels are those that look upright when they are turned as the picture says.
        let mut stored = upright.clone();
        stored.apply_orientation(match orientation {
            Orientation::Rotate90 => Orientation::Rotate270,
            Orientation::Rotate270 => Orientation::Rotate90,
            other => other,
        });
        let mut picture = Picture::open(encode(&stored, Format::Png).unwrap(), 1 << 20).unwrap();
        picture.orientation = orientation;
        for (size, top, bottom) in [("16x16t", 0, 127), ("16x16", 64, 191), ("16x16b", 128, 255)] {
            let (bytes, _) = picture
                .thumbnail(Size::parse(size).unwrap(), false)
                .unwrap();
            let shown = image::load_from_memory(&bytes).unwrap().to_rgb8();
            let close = |at: (u32, u32), red: i32, green: i32| {
                let pixel = shown.get_pixel(at.0, at.1).0;
                let is_close = (i32::from(pixel[0]) - red).abs() < 20
                    && (i32::from(pixel[1]) - green).abs() < 20;
                assert!(is_close, "{orientation:?} {size} {at:?}: {pixel:?}");
            };
            close((0, 0), 0, top);
            close((15, 0), 255, top);
            close((0, 15), 0, bottom);
            close((15, 15), 255, bottom);
        }
    }
}

#[test]
fn few_pixels_show_all_of_a_picture() {
    // From black on the left to white on the right.
    let ramp = |width: u32, height: u32| {
        let shade = |x: u32| u8::try_from(x * 255 / (width - 1)).unwrap();
        let picture = image::GrayImage::from_fn(width, height, |x, _| image::Luma([shade(x)]));
        encode(&picture.into(), Format::Png).unwrap()
    };
    for (width, height) in [(240, 160), (241, 161), (1000, 700), (1100, 90)] {
        for (size, expect) in [("1x0", &[127][..]), ("3x0", &[50, 127, 204])] {
            let shown = thumbnail(ramp(width, height), size, false).0.to_luma8();
            let found = shown.as_raw().get(..expect.len()).unwrap();
            let is_close = |(found, expect): (&u8, &u8)| found.abs_diff(*expect) <= 1;
            assert!(
                found.iter().zip(expect).all(is_close),
                "{width}x{height} {size}: {found:?}"
            );
        }
    }
}
