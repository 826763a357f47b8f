/**
 * A strict reader of the XML that reports are written in: it throws for whatever XML 1.0 does not let a document be
 * (characters that are none, text that is not escaped, elements that do not match, an attribute twice). Knows no
 * doctype, comment, CDATA or processing instruction, which reports do not have.
 */

/** An element with its attributes, its children and its own text. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** What XML 1.0, production 2, does not count as a character. */
const NO_CHARACTER = /[\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}\p{Surrogate}]/u;
const NAME = "[A-Za-z_][A-Za-z0-9_.-]*";

function decoded(text: string): string {
  return text.replaceAll(/&([^;]{0,9})(;?)/g, (whole, name: string, end: string) => {
    const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name];
    const code = /^#([0-9]+)$/.exec(name)?.[1];
    const value = named ?? (code === undefined ? undefined : String.fromCodePoint(Number(code)));
    if (end === "" || value === undefined || NO_CHARACTER.test(value)) throw new Error(`no reference: ${whole}`);
    return value;
  });
}

function attributesOf(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  const rest = text.replaceAll(new RegExp(`\\s+(${NAME})="([^"<]*)"`, "g"), (_, name: string, value: string) => {
    if (name in result) throw new Error(`${name} stands twice`);
    result[name] = decoded(value);
    return "";
  });
  if (rest.trim() !== "") throw new Error(`no attributes: ${rest}`);
  return result;
}

/** The root element of a document; throws for one that is not well-formed. */
export function readXml(document: string): Element {
  if (NO_CHARACTER.test(document)) throw new Error("a character that XML does not have");
  const [head = ""] = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(document) ?? [];
  if (head === "") throw new Error("no declaration");
  const open: { name: string; attributes: Record<string, string>; children: Element[]; text: string }[] = [
    { name: "", attributes: {}, children: [], text: "" },
  ];
  for (const [, tag, text = ""] of document.slice(head.length).matchAll(/<([^<>]*)>|([^<]+|<)/g)) {
    const parent = open.at(-1);
    if (parent === undefined) throw new Error("an end without a start");
    if (tag === undefined) {
      if (text === "<" || text.includes("]]>")) throw new Error("text that is not escaped");
      parent.text += decoded(text);
    } else if (tag.startsWith("/")) {
      if (tag.slice(1) !== parent.name) throw new Error(`<${tag}> ends <${parent.name}>`);
      open.pop();
      open.at(-1)?.children.push(parent);
    } else {
      const [, name, attributes = "", end] = new RegExp(`^(${NAME})(.*?)(/?)$`, "s").exec(tag) ?? [];
      if (name === undefined) throw new Error(`no tag: <${tag}>`);
      const element = { name, attributes: attributesOf(attributes), children: [], text: "" };
      if (end === "/") parent.children.push(element);
      else open.push(element);
    }
  }
  const [top, ...unclosed] = open;
  const [root, ...others] = top?.children ?? [];
  if (unclosed.length > 0 || root === undefined || others.length > 0 || top?.text.trim() !== "") {
    throw new Error("not one root element");
  }
  return root;
}
