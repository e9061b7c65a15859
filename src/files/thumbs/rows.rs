//! Reading a PNG row by row, shrunken by a whole number on the way, so that a large one needs little memory. Pure.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use png::{BitDepth, ColorType, Decoder, Transformations};

use crate::files::thumbs::unusable::Unusable;

/// Most a picture is shrunken by: the sums of a block of opaque pixels fit into 32 bits.
pub(super) const MAX_SHRINK: f64 = 200.0;

/// Says whether a PNG comes in rows from top to bottom.
pub(super) fn can_read(bytes: &[u8]) -> Result<bool, Unusable> {
    let reader = Decoder::new(Cursor::new(bytes)).read_info()?;
    Ok(!reader.info().interlaced)
}

/// Decodes a PNG; each pixel is the average of a square of so many pixels a side. Squares at the right and the bottom
/// may be cut.
pub(super) fn read(bytes: &[u8], shrink: u32) -> Result<DynamicImage, Unusable> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info()?;
    let (width, height) = (reader.info().width, reader.info().height);
    let (color, depth) = reader.output_color_type();
    let channels = color.samples();
    if depth != BitDepth::Eight || shrink == 0 {
        return Err(Unusable::Format);
    }
    let has_alpha = matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba);
    let (shown_width, shown_height) = (width.div_ceil(shrink), height.div_ceil(shrink));
    let block = usize::try_from(shrink).unwrap_or(1) * channels;
    let mut sums = vec![0_u32; usize::try_from(shown_width).unwrap_or(0) * channels];
    let mut pixels = Vec::new();
    let mut rows = 0;
    for y in 0..height {
        let row = reader.next_row()?.ok_or(Unusable::Format)?;
        for (sum, block) in sums
            .chunks_exact_mut(channels)
            .zip(row.data().chunks(block))
        {
            for pixel in block.chunks_exact(channels) {
                add(sum, pixel, has_alpha);
            }
        }
        rows += 1;
        if rows == shrink || y + 1 == height {
            average(
                &mut sums,
                &mut pixels,
                channels,
                has_alpha,
                (width, shrink, rows),
            );
            sums.fill(0);
            rows = 0;
        }
    }
    let made = match color {
        ColorType::Grayscale => {
            GrayImage::from_raw(shown_width, shown_height, pixels).map(DynamicImage::ImageLuma8)
        }
        ColorType::GrayscaleAlpha => {
            image::GrayAlphaImage::from_raw(shown_width, shown_height, pixels).map(|image| {
                DynamicImage::ImageRgba8(DynamicImage::ImageLumaA8(image).into_rgba8())
            })
        }
        ColorType::Rgb => {
            RgbImage::from_raw(shown_width, shown_height, pixels).map(DynamicImage::ImageRgb8)
        }
        ColorType::Rgba => {
            RgbaImage::from_raw(shown_width, shown_height, pixels).map(DynamicImage::ImageRgba8)
        }
        ColorType::Indexed => None,
    };
    made.ok_or(Unusable::Format)
}

/// Adds a pixel to the sum of its square; colours count as much as they are opaque.
fn add(sum: &mut [u32], pixel: &[u8], has_alpha: bool) {
    if !has_alpha {
        for (sum, value) in sum.iter_mut().zip(pixel) {
            *sum += u32::from(*value);
        }
        return;
    }
    let Some((alpha, colors)) = pixel.split_last() else {
        return;
    };
    let Some((total, sums)) = sum.split_last_mut() else {
        return;
    };
    *total += u32::from(*alpha);
    for (sum, value) in sums.iter_mut().zip(colors) {
        *sum += u32::from(*value) * u32::from(*alpha);
    }
}

/// Turns the sums of a row of squares into pixels; `shape` is the width of the picture and the size of a square.
fn average(
    sums: &mut [u32],
    pixels: &mut Vec<u8>,
    channels: usize,
    has_alpha: bool,
    shape: (u32, u32, u32),
) {
    let (width, shrink, rows) = shape;
    let mut left = width;
    let byte = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    for sum in sums.chunks_exact_mut(channels) {
        let count = shrink.min(left).max(1) * rows.max(1);
        left = left.saturating_sub(shrink);
        match sum.split_last() {
            Some((total, colors)) if has_alpha => {
                let weight = (*total).max(1);
                pixels.extend(colors.iter().map(|sum| byte((sum + weight / 2) / weight)));
                pixels.push(byte((total + count / 2) / count));
            }
            _ => pixels.extend(sum.iter().map(|sum| byte((sum + count / 2) / count))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::read;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_without_shrinking_are_what_they_were() {
        let picture = image::RgbaImage::from_fn(7, 5, |x, y| {
            let byte = |value: u32| u8::try_from(value).unwrap();
            image::Rgba([byte(x * 30), byte(y * 40), 7, 255])
        });
        let picture = DynamicImage::ImageRgba8(picture);
        for picture in [
            picture.clone(),
            picture.grayscale(),
            DynamicImage::ImageRgb8(picture.to_rgb8()),
            DynamicImage::ImageLuma8(picture.to_luma8()),
        ] {
            let read = read(&png(&picture), 1).unwrap();
            assert_eq!(read.to_rgba8(), picture.to_rgba8());
        }
    }

    #[test]
    fn squares_are_averaged_also_where_they_are_cut() {
        let picture = image::GrayImage::from_fn(5, 3, |x, y| {
            image::Luma([u8::try_from(x * 10 + y * 100).unwrap()])
        });
        let read = read(&png(&picture.into()), 2).unwrap().to_luma8();
        assert_eq!(read.dimensions(), (3, 2));
        assert_eq!(read.as_raw(), &[55, 75, 90, 205, 225, 240]);
    }

    #[test]
    fn what_is_transparent_has_no_colour() {
        let picture = image::RgbaImage::from_fn(2, 2, |x, _| {
            if x == 0 {
                image::Rgba([200, 100, 50, 255])
            } else {
                image::Rgba([9, 9, 9, 0])
            }
        });
        let read = read(&png(&picture.into()), 2).unwrap().to_rgba8();
        assert_eq!(read.get_pixel(0, 0).0, [200, 100, 50, 128]);
    }
}
