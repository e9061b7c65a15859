//! Why there is no thumbnail.

/// Why there is no thumbnail of a picture.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is no PNG, JPEG, GIF or WebP picture")]
    Format,
    #[error(
        "the original image is too large ({0}x{1}) and exceeds the total max allowed {2} pixels"
    )]
    TooLarge(u32, u32, u64),
    #[error("a thumbnail of {0}x{1} pixels is too large")]
    Thumbnail(u32, u32),
    #[error("it takes {0} MiB of memory to decode it")]
    Memory(u64),
    #[error("{0}")]
    Png(#[from] png::DecodingError),
    #[error("{0}")]
    Decode(#[from] image::ImageError),
    #[error("{0}")]
    Jpeg(#[from] jpeg_decoder::Error),
    #[error("it cannot be resized: {0}")]
    Resize(String),
    #[error("it cannot be written as WebP")]
    Webp,
}
