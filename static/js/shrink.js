// Make a photo smaller before it is sent, where the county wishes it. Upright as EXIF says. What the phone
// cannot decode (HEIC outside Safari, a broken file) goes as it is: the server judges.

/** A JPEG of at most `edge` pixels, or the file itself. */
export async function shrink(file, edge) {
  if (!edge || !globalThis.createImageBitmap || file.size < 400_000) return file;
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = edge / Math.max(image.width, image.height);
    if (scale >= 1) { image.close(); return file; }
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
    return small && small.size < file.size ? small : file;
  } catch {
    return file;
  }
}
