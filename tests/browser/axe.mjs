// axe-core in a page of Chromium, past our own content security policy (which lets no script run).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export class AxeBuilder {
  constructor(page) {
    this.page = page;
  }

  async violations() {
    // `evaluate` is the browser's own, which the policy of the page does not bind.
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(source);
    const { violations } = await this.page.evaluate((tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags } }), TAGS);
    return violations;
  }
}
