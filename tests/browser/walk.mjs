// Walks the portals and the debtor page of a running demonstration in a real browser, as each of its people, and fails on
// whatever a person would stumble over: a page that does not answer, an error in the console, a violation of WCAG 2.2 AA (axe),
// invalid HTML, a page that scrolls sideways on a phone, a planted text that runs.
//
//   node walk.mjs PROGRAM [--pictures FOLDER]
//
// PROGRAM is the built `entente`. With --pictures the screenshots of docs/pictures are taken anew.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AxeBuilder } from "./axe.mjs";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";
import { journeys } from "./journeys.mjs";

const LANGUAGES = ["en", "es", "fr"];
const THEMES = ["light", "dark"];
const PHONE = { width: 320, height: 640 };
const DESK = { width: 1280, height: 900 };
/** At the most so many pages of one shape (`/portal/cases/{id}`): they differ by what stands on them. */
const ALIKE = 4;
const PLANTED = `"'><img src=x onerror="document.title='planted'"><script>document.title='planted'</script>`;

const faults = [];
const fault = (where, what) => {
  faults.push(`${where}: ${what}`);
  console.log(`  ✗ ${where}: ${what}`);
};

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The demonstration, once it serves: where, whose, and how to end it. */
async function demonstration(program) {
  const folder = mkdtempSync(join(tmpdir(), "entente-browser-"));
  const port = await freePort();
  const child = spawn(program, ["demo"], { cwd: folder, env: { ...process.env, ENTENTE_LISTEN: `127.0.0.1:${port}` } });
  let printed = "";
  const end = async () => {
    child.kill("SIGINT");
    await new Promise((done) => child.once("exit", done));
    rmSync(folder, { recursive: true, force: true });
  };
  await new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`the demonstration did not come up:\n${printed.slice(-2000)}`)), 300_000);
    child.stdout.on("data", (chunk) => {
      printed += chunk;
      if (printed.includes("Serving until Ctrl-C")) {
        clearTimeout(late);
        done();
      }
    });
    child.once("exit", (code) => failed(new Error(`the demonstration ended with ${code}:\n${printed.slice(-2000)}`)));
  });
  const people = Object.fromEntries([...printed.matchAll(/^(\S+ \S+)\s+(\S+@\S+)\s{2,}/gm)].map(([, name, email]) => [name.split(" ")[0], email]));
  const debtors = [...printed.matchAll(/^debtor page\s+(\S+)\s+\((.*)\)$/gm)].map(([, url, what]) => ({ url, what }));
  const password = /password in this run: (\S+)/.exec(printed)[1];
  return { base: `http://127.0.0.1:${port}`, people, debtors, password, end };
}

const html = new HtmlValidate({
  extends: ["html-validate:standard"],
  rules: {
    // Ours to decide: attributes are written without quotes where HTML allows it, buttons say their type where it matters.
    "attr-quotes": "off",
    "no-trailing-whitespace": "off",
    "void-style": "off",
    "doctype-style": "off",
    "long-title": "off",
    "attribute-boolean-style": "off",
    "attribute-empty-style": "off",
    "no-inline-style": "error",
  },
});

async function checkHtml(where, text) {
  const report = await html.validateString(text);
  for (const message of report.results.flatMap((result) => result.messages)) {
    fault(where, `HTML, line ${message.line}: ${message.message} (${message.ruleId})`);
  }
}

/** Watches a page for errors that no person would see. */
function watch(page, where) {
  page.on("pageerror", (error) => fault(where(), `script error: ${error.message}`));
  page.on("dialog", (dialog) => {
    fault(where(), `a dialog opened: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("410 (Gone)")) fault(where(), `console: ${message.text()}`);
  });
}

const shape = (path) => path.replace(/\/[a-z]+_[0-9a-f]{20,}/g, "/{id}").replace(/\?.*$/, "");

/** Every page that links lead to from where the browser is, shape by shape. */
async function crawl(page, base) {
  const seen = new Map();
  const queue = [new URL(page.url()).pathname];
  const pages = [];
  while (queue.length > 0) {
    const path = queue.shift();
    const alike = seen.get(shape(path)) ?? [];
    if (alike.includes(path) || alike.length >= ALIKE) continue;
    seen.set(shape(path), [...alike, path]);
    const answer = await page.goto(base + path);
    if (answer.status() >= 400) fault(path, `answers ${answer.status()}`);
    pages.push(path);
    const links = await page.locator("a[href^='/portal']:not([download])").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    queue.push(...links.filter((link) => !/\/document$|\.(csv|xlsx|pdf)(\?|$)|^\/portal\/(documents|letters|exports)\//.test(link)).map((link) => link.replace(/#.*$/, "")));
  }
  return pages;
}

async function checkLooks(page, where) {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const violation of await new AxeBuilder(page).violations()) {
      const at = violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ");
      fault(`${where} (${theme})`, `axe ${violation.id}: ${violation.help} at ${at}`);
    }
  }
  if ((await page.title()) === "planted") fault(where, "a planted text ran");
  await page.setViewportSize(PHONE);
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  if (wide > PHONE.width) fault(where, `scrolls sideways on a phone: ${wide} px`);
  await page.setViewportSize(DESK);
}

async function logIn(page, demo, email) {
  await page.goto(`${demo.base}/portal/log-in`);
  await page.fill("#email", email);
  await page.fill("#password", demo.password);
  await Promise.all([page.waitForURL((url) => !url.pathname.endsWith("/log-in")), page.click("main button[type=submit]")]);
}

async function speak(page, demo, language) {
  await page.goto(`${demo.base}/portal/account`);
  await Promise.all([page.waitForLoadState(), page.click(`button[name=language][value=${language}]`)]);
}

/** Texts of strangers that would do harm if a page let them: planted by the API, then looked for on every page. */
async function plant(demo) {
  const session = await fetch(`${demo.base}/api/v1/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: demo.people.Amaia, password: demo.password }),
  });
  const { access_token } = await session.json();
  const send = async (path, body) => {
    const answer = await fetch(`${demo.base}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${access_token}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`planting at ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const posted = await send("/cases", {
    receivables: [{
      debtor: { legal_name: `Frutas ${PLANTED}`, kind: "business", country: "ES", email: "pagos@frutas.example", city: PLANTED, postal_code: "28013" },
      number: PLANTED.slice(0, 60), issued_on: "2026-08-01", due_on: "2026-09-01", principal: { minor: 64_000, currency: "EUR" },
    }],
    start: false,
  });
  await send(`/cases/${posted.id}/notes`, { text: PLANTED });
  await send(`/cases/${posted.id}/holds`, { kind: "hardship", reason: PLANTED });
}

async function portal(browser, demo, name) {
  const context = await browser.newContext({ viewport: DESK });
  const page = await context.newPage();
  let at = name;
  watch(page, () => at);
  await logIn(page, demo, demo.people[name]);
  for (const language of LANGUAGES) {
    await speak(page, demo, language);
    await page.goto(`${demo.base}/portal`);
    const pages = await crawl(page, demo.base);
    console.log(`${name}, ${language}: ${pages.length} pages`);
    for (const path of pages) {
      at = `${name} ${language} ${path}`;
      const answer = await page.goto(demo.base + path);
      await checkHtml(at, await answer.text());
      await checkLooks(page, at);
    }
  }
  await context.close();
}

async function open(browser, demo) {
  const context = await browser.newContext({ viewport: DESK });
  const page = await context.newPage();
  let at = "";
  watch(page, () => at);
  for (const language of LANGUAGES) {
    const urls = [`${demo.base}/?lang=${language}`, ...["log-in", "sign-up", "forgotten", "password"].map((page) => `${demo.base}/portal/${page}?lang=${language}`), ...demo.debtors.map(({ url }) => `${url}?lang=${language}`)];
    for (const url of urls) {
      at = url;
      const answer = await page.goto(url);
      const text = await answer.text();
      // Without its link the page that sets a password is gone.
      if (answer.status() >= 400 && answer.status() !== 410) fault(at, `answers ${answer.status()}`);
      await checkHtml(at, text);
      await checkLooks(page, at);
    }
    console.log(`in the open, ${language}: ${urls.length} pages`);
  }
  await context.close();
}

const [program, flag, folder] = process.argv.slice(2);
if (!program) throw new Error("node walk.mjs PROGRAM [--pictures FOLDER]");
const demo = await demonstration(resolve(program));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  await journeys({ browser, demo, logIn, fault, desk: DESK, phone: PHONE, pictures: flag === "--pictures" ? resolve(folder) : null });
  if (flag !== "--pictures") {
    await plant(demo);
    await open(browser, demo);
    for (const name of ["Amaia", "Hélène", "Nuria"]) await portal(browser, demo, name);
  }
} finally {
  await browser.close();
  await demo.end();
}
console.log(faults.length === 0 ? "walked: nothing to stumble over" : `walked: ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
