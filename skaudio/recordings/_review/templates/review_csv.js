// The table of verdicts: written so that spreadsheets take no text for a formula.
const COLUMNS = [
  "file", "start_time", "end_time", "label", "score", "stratum", "inclusion_probability",
  "verdict", "verdict_label", "reviewer",
];
const FORMULA = /^'*[=+\-@\t\r]/;

// Characters that UTF-8 cannot encode, as skaudio writes them.
function encodable(text) {
  return text.replace(/\p{Surrogate}/gu, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}

function cellOf(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  let text = encodable(value);
  if (FORMULA.test(text)) text = `'${text}`;
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvOf(rows) {
  return [COLUMNS, ...rows].map((row) => row.map(cellOf).join(",")).join("\n") + "\n";
}

// Rows as objects, also of a table that a spreadsheet has saved.
function rowsOf(text) {
  text = text.replace(/^\ufeff/, "");
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const separator = [";", "\t", ","].find((sign) => header.includes(sign)) ?? ",";
  const rows = [[""]];
  let quoted = false;
  for (let k = 0; k < text.length; k++) {
    const sign = text[k], row = rows.at(-1), last = row.length - 1;
    if (quoted) {
      if (sign !== '"') row[last] += sign;
      else if (text[k + 1] === '"') { row[last] += sign; k++; } else quoted = false;
    } else if (sign === '"' && row[last] === "") quoted = true;
    else if (sign === separator) row.push("");
    else if (sign === "\n") rows.push([""]);
    else if (sign !== "\r") row[last] += sign;
  }
  const names = rows.shift().map((name) => name.trim());
  const lacking = COLUMNS.filter((name) => !names.includes(name));
  if (lacking.length) throw new Error(`it has no column ${lacking.join(", ")}`);
  return rows.filter((row) => row.length > 1).map((row) => Object.fromEntries(
    names.map((name, k) => {
      const cell = row[k] ?? "";
      return [name, /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell];
    }),
  ));
}
