import type { Collection } from "@/api/types";
import {
  cardWidth,
  edgesOf,
  headHeight,
  heightOf,
  labelOf,
  rowHeight,
  shownFields,
  sizeOf,
  type Positions,
} from "./model";
import { pathOf, routesOf } from "./route";

/** Colours by what they are for, as the page has them now. */
export type Ink = Record<"canvas" | "bg" | "border" | "line" | "text" | "faint", string>;

export function inkOf(page: CSSStyleDeclaration): Ink {
  const of = (name: string) => page.getPropertyValue(name).trim();
  return {
    canvas: of("--canvas"),
    bg: of("--bg"),
    border: of("--border"),
    line: of("--border-strong"),
    text: of("--text"),
    faint: of("--text-3"),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);
}

const fonts = 'font-family="Inter, system-ui, sans-serif"';

/** The diagram as a picture that stands alone. */
export function toSvg(collections: Collection[], positions: Positions, ink: Ink): string {
  const { width, height } = sizeOf(collections, positions);
  const edges = edgesOf(collections);
  const routes = routesOf(collections, edges, positions);
  const lines = edges.flatMap((edge) => {
    const route = routes.get(edge.id);
    if (!route) return [];
    const { x, y } = route.label;
    return [
      `<path d="${pathOf(route)}" fill="none" stroke="${ink.line}" stroke-width="1.5"/>`,
      `<text x="${x}" y="${y - 4}" text-anchor="middle" font-size="11" fill="${ink.faint}" stroke="${ink.canvas}" stroke-width="4" paint-order="stroke">${escaped(labelOf(edge))}</text>`,
    ];
  });
  const cards = collections.flatMap((collection) => {
    const place = positions[collection.id];
    return place ? [card(collection, place.x, place.y, ink)] : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${fonts}>`,
    `<rect width="${width}" height="${height}" fill="${ink.canvas}"/>`,
    ...lines,
    ...cards,
    "</svg>",
    "",
  ].join("\n");
}

/** Where the words of a row stand. */
function row(index: number): number {
  return headHeight + (index + 0.5) * rowHeight + 4;
}

function card(collection: Collection, x: number, y: number, ink: Ink): string {
  const { fields, more } = shownFields(collection);
  const rows = fields.map(
    (field, index) =>
      `<text x="10" y="${row(index)}" font-size="11" font-family="monospace" fill="${ink.text}">${escaped(field.name)}</text>` +
      `<text x="${cardWidth - 10}" y="${row(index)}" font-size="11" text-anchor="end" fill="${ink.faint}">${field.type}</text>`,
  );
  if (more > 0)
    rows.push(`<text x="10" y="${row(fields.length)}" font-size="11" fill="${ink.faint}">+${more} more</text>`);
  return [
    `<g transform="translate(${x} ${y})">`,
    `<rect width="${cardWidth}" height="${heightOf(collection)}" rx="6" fill="${ink.bg}" stroke="${ink.line}"/>`,
    `<text x="10" y="23" font-size="13" font-weight="600" fill="${ink.text}">${escaped(collection.name)}</text>`,
    `<path d="M 0 ${headHeight} H ${cardWidth}" stroke="${ink.border}"/>`,
    ...rows,
    "</g>",
  ].join("\n");
}

/** The same in pixels, twice as fine. */
export async function toPng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    // A browser draws no larger picture than this.
    const scale = Math.min(2, 8000 / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = image.width * scale;
    canvas.height = image.height * scale;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser could not draw the picture."))));
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
