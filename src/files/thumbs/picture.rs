//! From the bytes of a picture to the bytes of its thumbnail. Pure, slow, meant for a thread of its own.
//!
//! Decoders are written in Rust, since what they read comes from outside; only pixels reach the C code of the WebP
//! encoder.

use std::io::Cursor;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, RgbImage, RgbaImage,
};
use jpeg_decoder::{CodingProcess, PixelFormat};

use crate::files::thumbs::rows;
use crate::files::thumbs::size::{Size, View};
use crate::files::thumbs::unusable::Unusable;

/// Most pixels of a thumbnail.
const MAX_SHOWN_PIXELS: u64 = 40_000_000;

/// Longest side of a WebP picture.
const MAX_WEBP_SIDE: u32 = 16_383;

const JPEG_QUALITY: u8 = 90;
const WEBP_QUALITY: f32 = 82.0;

/// How quickly colours of a GIF are chosen, from 1 (best) to 30.
const GIF_SPEED: i32 = 10;

/// A format thumbnails are made of and written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Format {
    pub(super) const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }
}

/// A picture whose head was read.
#[derive(Debug)]
pub(super) struct Picture {
    bytes: Vec<u8>,
    format: Format,
    width: u32,
    height: u32,
    orientation: Orientation,
    /// Whether the JPEG decoder that can shrink while it decodes knows the colours.
    shrinkable: bool,
    /// Whether all of it must be in memory before any of it can be shown.
    progressive: bool,
    /// Whether it comes row by row and can be shrunken while it comes.
    in_rows: bool,
}

impl Picture {
    /// Reads the head of a picture and refuses what is too large.
    pub(super) fn open(bytes: Vec<u8>, max_pixels: u64) -> Result<Self, Unusable> {
        let format = match image::guess_format(&bytes) {
            Ok(ImageFormat::Png) => Format::Png,
            Ok(ImageFormat::Jpeg) => Format::Jpeg,
            Ok(ImageFormat::Gif) => Format::Gif,
            Ok(ImageFormat::WebP) => Format::Webp,
            _ => return Err(Unusable::Format),
        };
        let mut picture = Self {
            bytes,
            format,
            width: 0,
            height: 0,
            orientation: Orientation::NoTransforms,
            shrinkable: false,
            progressive: false,
            in_rows: false,
        };
        if format == Format::Jpeg {
            picture.read_jpeg_head()?;
        } else {
            let decoder = ImageReader::with_format(Cursor::new(&picture.bytes), format.image());
            (picture.width, picture.height) = decoder.into_dimensions()?;
        }
        let pixels = u64::from(picture.width) * u64::from(picture.height);
        if pixels == 0 {
            return Err(Unusable::Format);
        }
        if pixels > max_pixels {
            return Err(Unusable::TooLarge(
                picture.width,
                picture.height,
                max_pixels,
            ));
        }
        if format == Format::Png {
            picture.in_rows = rows::can_read(&picture.bytes)?;
        }
        Ok(picture)
    }

    fn read_jpeg_head(&mut self) -> Result<(), Unusable> {
        let mut decoder = jpeg_decoder::Decoder::new(self.bytes.as_slice());
        decoder.read_info()?;
        let info = decoder.info().ok_or(Unusable::Format)?;
        self.width = info.width.into();
        self.height = info.height.into();
        self.shrinkable = matches!(info.pixel_format, PixelFormat::L8 | PixelFormat::RGB24);
        self.progressive = info.coding_process == CodingProcess::DctProgressive;
        self.orientation = decoder
            .exif_data()
            .and_then(Orientation::from_exif_chunk)
            .unwrap_or(Orientation::NoTransforms);
        Ok(())
    }

    /// About how many bytes [`Self::thumbnail`] needs.
    pub(super) fn memory(&self, size: Size) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let shown = self.view(size).shown;
        let result = u64::from(shown.0) * u64::from(shown.1) * 8;
        let decoded = if self.shrinkable {
            let shrink = u64::from(self.shrink(size));
            let coefficients = if self.progressive { pixels * 6 } else { 0 };
            coefficients + pixels * 6 / (shrink * shrink)
        } else if self.in_rows {
            let shrink = u64::from(self.shrink_rows(size));
            pixels * 8 / (shrink * shrink) + u64::from(self.width) * 64
        } else {
            pixels * 6
        };
        decoded + result
    }

    /// Makes the thumbnail.
    pub(super) fn thumbnail(
        &self,
        size: Size,
        to_webp: bool,
    ) -> Result<(Vec<u8>, Format), Unusable> {
        let view = self.view(size);
        let (width, height) = view.shown;
        if u64::from(width) * u64::from(height) > MAX_SHOWN_PIXELS {
            return Err(Unusable::Thumbnail(width, height));
        }
        let format = if to_webp { Format::Webp } else { self.format };
        let (decoded, shrink) = if self.shrinkable {
            let shrink = self.shrink(size);
            (self.decode_shrunken(shrink)?, u32::from(shrink))
        } else if self.in_rows {
            let shrink = self.shrink_rows(size);
            (rows::read(&self.bytes, shrink)?, shrink)
        } else {
            (self.decode_whole()?, 1)
        };
        let mut shown = self.resize(&decoded, shrink, view)?;
        drop(decoded);
        shown.apply_orientation(self.orientation);
        Ok((encode(&shown, format)?, format))
    }

    fn is_turned(&self) -> bool {
        matches!(
            self.orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        )
    }

    /// What is shown, as a viewer sees the picture.
    fn view(&self, size: Size) -> View {
        if self.is_turned() {
            size.view(self.height, self.width)
        } else {
            size.view(self.width, self.height)
        }
    }

    /// By how much the picture may be shrunken while it is decoded and still be half as large again as it is shown.
    fn spare(&self, size: Size) -> f64 {
        let view = self.view(size);
        let scale =
            (view.width / f64::from(view.shown.0)).min(view.height / f64::from(view.shown.1));
        scale / 1.5
    }

    /// The same as one of the steps a JPEG can be shrunken by.
    fn shrink(&self, size: Size) -> u8 {
        let spare = self.spare(size);
        [8_u8, 4, 2]
            .into_iter()
            .find(|shrink| spare >= f64::from(*shrink))
            .unwrap_or(1)
    }

    /// The same as a whole number. What becomes very small is shrunken less: its few pixels would be too far from what
    /// they stand for.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of floats saturate, and the limits are small"
    )]
    fn shrink_rows(&self, size: Size) -> u32 {
        const FINE_SIDE: f64 = 128.0;
        const MAX_FINE_PIXELS: f64 = 1_000_000.0;
        let view = self.view(size);
        let pixels = f64::from(self.width) * f64::from(self.height);
        let finest = (pixels / MAX_FINE_PIXELS).sqrt();
        let fine = (view.width.min(view.height) / FINE_SIDE).max(finest);
        self.spare(size).min(fine).clamp(1.0, rows::MAX_SHRINK) as u32
    }

    fn decode_shrunken(&self, shrink: u8) -> Result<DynamicImage, Unusable> {
        let mut decoder = jpeg_decoder::Decoder::new(self.bytes.as_slice());
        decoder.read_info()?;
        let side =
            |length: u32| u16::try_from(length.div_ceil(u32::from(shrink))).unwrap_or(u16::MAX);
        decoder.scale(side(self.width), side(self.height))?;
        let pixels = decoder.decode()?;
        let info = decoder.info().ok_or(Unusable::Format)?;
        let (width, height) = (info.width.into(), info.height.into());
        let decoded = match info.pixel_format {
            PixelFormat::L8 => {
                GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8)
            }
            PixelFormat::RGB24 => {
                RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
            }
            PixelFormat::L16 | PixelFormat::CMYK32 => None,
        };
        decoded.ok_or(Unusable::Format)
    }

    fn decode_whole(&self) -> Result<DynamicImage, Unusable> {
        let mut reader = ImageReader::with_format(Cursor::new(&self.bytes), self.format.image());
        // The pixels were counted already; what a decoder needs besides is a small multiple of them.
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(u64::from(self.width) * u64::from(self.height) * 16 + (64 << 20));
        reader.limits(limits);
        let decoder = reader.into_decoder()?;
        let has_alpha = decoder.color_type().has_alpha();
        let decoded = DynamicImage::from_decoder(decoder)?;
        Ok(match decoded {
            DynamicImage::ImageLuma8(_)
            | DynamicImage::ImageRgb8(_)
            | DynamicImage::ImageRgba8(_) => decoded,
            _ if has_alpha => DynamicImage::ImageRgba8(decoded.into_rgba8()),
            _ => DynamicImage::ImageRgb8(decoded.into_rgb8()),
        })
    }

    /// Cuts and resizes, in the orientation of the stored pixels.
    fn resize(
        &self,
        decoded: &DynamicImage,
        shrink: u32,
        view: View,
    ) -> Result<DynamicImage, Unusable> {
        let (width, height) = (decoded.width(), decoded.height());
        let stored = self.unturned(view);
        // The decoded picture may be a shrunken one. Its last pixels may stand for less than the others do.
        let by = 1.0 / f64::from(shrink);
        let (left, top) = ((stored.left * by).max(0.0), (stored.top * by).max(0.0));
        let part_width = (stored.width * by).min(f64::from(width) - left);
        let part_height = (stored.height * by).min(f64::from(height) - top);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
            .crop(left, top, part_width, part_height);
        let (from, to) = ((width, height), stored.shown);
        let resized = match decoded {
            // Grey ones are few, and code of their own for each kind of processor would take a quarter of a megabyte.
            DynamicImage::ImageLuma8(_) => {
                let pixels = resampled::<U8x3>(&decoded.to_rgb8(), from, to, &options)?;
                RgbImage::from_raw(to.0, to.1, pixels)
                    .map(|resized| DynamicImage::ImageRgb8(resized).into_luma8().into())
            }
            DynamicImage::ImageRgb8(image) => {
                let pixels = resampled::<U8x3>(image.as_raw(), from, to, &options)?;
                RgbImage::from_raw(to.0, to.1, pixels).map(DynamicImage::ImageRgb8)
            }
            DynamicImage::ImageRgba8(image) => {
                let pixels = resampled::<U8x4>(image.as_raw(), from, to, &options)?;
                RgbaImage::from_raw(to.0, to.1, pixels).map(DynamicImage::ImageRgba8)
            }
            _ => None,
        };
        resized.ok_or(Unusable::Format)
    }

    /// The part of the stored pixels a view shows; the opposite of what the orientation asks for.
    fn unturned(&self, view: View) -> View {
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        let from_right = w - (view.left + view.width);
        let from_bottom = h - (view.top + view.height);
        let turned = |left: f64, top: f64| View {
            left,
            top,
            width: view.height,
            height: view.width,
            shown: (view.shown.1, view.shown.0),
        };
        match self.orientation {
            Orientation::NoTransforms => view,
            Orientation::FlipHorizontal => View {
                left: from_right,
                ..view
            },
            Orientation::FlipVertical => View {
                top: from_bottom,
                ..view
            },
            Orientation::Rotate180 => View {
                left: from_right,
                top: from_bottom,
                ..view
            },
            Orientation::Rotate90 => turned(view.top, h - (view.left + view.width)),
            Orientation::Rotate270 => turned(w - (view.top + view.height), view.left),
            Orientation::Rotate90FlipH => turned(view.top, view.left),
            Orientation::Rotate270FlipH => {
                turned(w - (view.top + view.height), h - (view.left + view.width))
            }
        }
    }
}

impl Format {
    const fn image(self) -> ImageFormat {
        match self {
            Self::Png => ImageFormat::Png,
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Gif => ImageFormat::Gif,
            Self::Webp => ImageFormat::WebP,
        }
    }
}

/// The pixels of a part of a picture in another size.
///
/// By the type of the pixels, so that the executable has the code of those that there are, in all their variants for
/// processors, and of no others.
fn resampled<P: PixelTrait>(
    pixels: &[u8],
    (width, height): (u32, u32),
    (shown_width, shown_height): (u32, u32),
    options: &ResizeOptions,
) -> Result<Vec<u8>, Unusable> {
    let failed = |error: &dyn std::fmt::Display| Unusable::Resize(error.to_string());
    let source =
        TypedImageRef::<P>::from_buffer(width, height, pixels).map_err(|error| failed(&error))?;
    let mut shown = vec![0; shown_width as usize * shown_height as usize * P::size()];
    let mut target = TypedImage::<P>::from_buffer(shown_width, shown_height, &mut shown)
        .map_err(|error| failed(&error))?;
    Resizer::new()
        .resize_typed(&source, &mut target, options)
        .map_err(|error| failed(&error))?;
    Ok(shown)
}

fn encode(picture: &DynamicImage, format: Format) -> Result<Vec<u8>, Unusable> {
    let mut bytes = Vec::new();
    match format {
        Format::Png => picture.write_with_encoder(PngEncoder::new(&mut bytes))?,
        Format::Jpeg => {
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        }
        Format::Gif => {
            let frame = image::Frame::new(picture.to_rgba8());
            GifEncoder::new_with_speed(&mut bytes, GIF_SPEED).encode_frame(frame)?;
        }
        Format::Webp => {
            let (width, height) = (picture.width(), picture.height());
            if width.max(height) > MAX_WEBP_SIDE {
                return Err(Unusable::Webp);
            }
            let encoded = if picture.color().has_alpha() {
                webp::Encoder::from_rgba(&picture.to_rgba8(), width, height)
                    .encode_simple(false, WEBP_QUALITY)
            } else {
                webp::Encoder::from_rgb(&picture.to_rgb8(), width, height)
                    .encode_simple(false, WEBP_QUALITY)
            };
            bytes.extend_from_slice(&encoded.map_err(|_| Unusable::Webp)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
