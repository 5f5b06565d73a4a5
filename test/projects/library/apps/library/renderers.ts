import { BaseRenderer, plain, type RenderContext } from "core-framework";

const columns = ["id", "name", "slug", "parent"];

/** Categories as comma-separated values. */
export class CSVRenderer extends BaseRenderer {
  readonly mediaType = "text/csv";
  readonly format = "csv";

  render(data: unknown, { status }: RenderContext): string {
    if (status >= 400) return `error\n${(plain(data) as { detail?: string }).detail ?? "invalid"}\n`;
    const rows = [plain(data)].flat() as Record<string, unknown>[];
    return [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))]
      .map((cells) => `${cells.join(",")}\n`)
      .join("");
  }
}

function cell(value: unknown): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
