// What each person comes for, done as that person would: with forms and keys, without the API. With `pictures`, a screenshot at
// each station.

import { join } from "node:path";

const INVOICES = [
  "number;issued_on;due_on;principal;currency;debtor_name;tax_number;debtor_kind;country;email;city",
  "TU-2026-101;2026-07-01;2026-07-31;4.820,00;EUR;Talleres Gorbea S.L.;B95413704;business;ES;pagos@gorbea.example;Vitoria",
  "TU-2026-102;2026-08-03;2026-09-02;1.275,50;EUR;Talleres Gorbea S.L.;B95413704;business;ES;pagos@gorbea.example;Vitoria",
].join("\n");

export async function journeys({ browser, demo, logIn, fault, desk, phone, pictures }) {
  const at = (path) => demo.base + path;

  /** Somebody before a screen, without scripts: no page needs one. */
  async function person(name) {
    const context = await browser.newContext({ viewport: desk, javaScriptEnabled: false });
    const page = await context.newPage();
    await logIn(page, demo, demo.people[name]);
    await page.goto(at("/portal/account"));
    await sent(page, page.locator("button[name=language][value=en]"));
    return page;
  }

  async function picture(page, name) {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async function sent(page, button) {
    await Promise.all([page.waitForResponse((answer) => answer.request().isNavigationRequest() && answer.status() === 200), button.click()]);
    await page.waitForLoadState();
  }

  function expect(page, condition, what) {
    if (!condition) fault(new URL(page.url()).pathname, what);
  }

  const shows = async (page, text) => expect(page, (await page.locator("body").innerText()).includes(text), `does not show “${text}”`);
  const form = (page, action) => page.locator(`form[action*='${action}']`).first();

  /** The movable clock of the demonstration, as the operator has it. */
  async function clock(change) {
    const headers = { "content-type": "application/json" };
    const opened = await fetch(at("/api/v1/sessions"), { method: "POST", headers, body: JSON.stringify({ email: demo.people.Nuria, password: demo.password }) });
    headers.authorization = `Bearer ${(await opened.json()).access_token}`;
    const told = await fetch(at("/api/v1/clock"), change ? { method: "PUT", headers, body: JSON.stringify({ now: change }) } : { headers });
    if (!told.ok) throw new Error(`the clock: ${told.status} ${await told.text()}`);
    return Date.parse((await told.json()).now);
  }

  const pass = async (hours) => clock(new Date((await clock()) + hours * 3_600_000).toISOString());

  // The creditor: from a file to the market.
  const amaia = await person("Amaia");
  await amaia.goto(at("/portal"));
  await picture(amaia, "creditor-start");
  await amaia.goto(at("/portal/uploads"));
  await amaia.setInputFiles("input[type=file]", { name: "facturas.csv", mimeType: "text/csv", buffer: Buffer.from(INVOICES) });
  await sent(amaia, form(amaia, "/portal/uploads").locator("button[type=submit]"));
  for (let tries = 0; (await form(amaia, "/commitment").count()) === 0 && tries < 30; tries += 1) {
    await new Promise((done) => setTimeout(done, 500));
    await amaia.reload();
  }
  await shows(amaia, "TU-2026-101");
  await picture(amaia, "upload-preview");
  await sent(amaia, form(amaia, "/commitment").locator("button"));
  for (let tries = 0; tries < 30; tries += 1) {
    await amaia.goto(at("/portal/invoices"));
    if ((await amaia.locator("body").innerText()).includes("TU-2026-102")) break;
    await new Promise((done) => setTimeout(done, 500));
  }
  for (const number of ["TU-2026-101", "TU-2026-102"]) await amaia.locator("tr", { hasText: number }).locator("input[type=checkbox]").check();
  await picture(amaia, "invoices");
  await sent(amaia, amaia.locator("form[action='/portal/posting'] button[type=submit], button[formaction='/portal/posting']").first());
  await shows(amaia, "Talleres Gorbea");
  await picture(amaia, "posting");
  await amaia.locator("input[name=way][value=market]").check();
  await sent(amaia, form(amaia, "/portal/posting").locator("button[type=submit]"));
  await picture(amaia, "listing");
  const caseId = /case_[0-9a-f]+/.exec(amaia.url())[0];
  await amaia.goto(at(`/portal/cases/${caseId}/listing`));
  await sent(amaia, form(amaia, "/listing").locator("button[type=submit]"));

  // Two agencies: offers under seal.
  const bid = async (name, rate, hours) => {
    const agency = await person(name);
    await agency.goto(at("/portal/market"));
    if (name === "Lucía") await picture(agency, "market");
    await sent(agency, agency.locator("main tbody a[href^='/portal/market/']").first());
    await agency.fill("#offer-rate", rate);
    await agency.fill("#offer-first_contact_hours", hours);
    if (name === "Lucía") await picture(agency, "offer");
    await sent(agency, form(agency, "/offers").locator("button[type=submit]").last());
    await shows(agency, "Your offer");
    return agency;
  };
  const lucia = await bid("Lucía", "12", "24");
  const helene = await bid("Hélène", "9,5", "72");

  // After the deadline: side by side, with the arithmetic; then both sign.
  await pass(24 * 7);
  await amaia.goto(at(`/portal/cases/${caseId}`));
  await shows(amaia, "Cobros Serenos");
  await shows(amaia, "Passerelle");
  await picture(amaia, "offers");
  await sent(amaia, form(amaia, "/award").locator("button[type=submit]"));
  for (const [side, page] of [["creditor", amaia], ["agency", null]]) {
    const signer = page ?? ((await lucia.goto(at("/portal"))) && (await lucia.locator("a[href^='/portal/mandates/']").count()) > 0 ? lucia : helene);
    await signer.goto(at("/portal"));
    await sent(signer, signer.locator("a[href^='/portal/mandates/']").first());
    if (side === "creditor") await picture(signer, "mandate");
    await signer.fill("form[action$='/signature'] input[name=full_name]", "Ana Firmante");
    await sent(signer, form(signer, "/signature").locator("button[type=submit]"));
    await shows(signer, "Ana Firmante");
    if (side === "agency") await agencyDay(signer, caseId);
  }
  await amaia.goto(at("/portal/payments"));
  await shows(amaia, "TRF-GORBEA-1");
  await sent(amaia, amaia.locator("button[value=confirm]").first());
  await amaia.goto(at("/portal/statement"));
  await picture(amaia, "statement");

  async function agencyDay(agency, id) {
    await agency.goto(at("/portal"));
    await picture(agency, "agency-work");
    await agency.goto(at(`/portal/cases/${id}`));
    await picture(agency, "agency-case");
    await keys(agency);
    await agency.goto(at(`/portal/cases/${id}`));
    const payment = agency.locator("details", { has: agency.locator("form[action$='/payments']") });
    await payment.locator("summary").click();
    await agency.fill("#payment-amount", "1.000,00");
    await agency.fill("#payment-received_on", new Date(await clock()).toISOString().slice(0, 10));
    await agency.fill("#payment-bank_reference", "TRF-GORBEA-1");
    await sent(agency, payment.locator("button[type=submit]"));
    await shows(agency, "1,000.00");
  }

  /** Writes a note with the keyboard alone: the skip link, the summary, the field, the button. */
  async function keys(page) {
    const focused = () => page.locator(":focus");
    await page.keyboard.press("Tab");
    expect(page, (await focused().getAttribute("class")) === "skip", "the first key does not reach the way past the menu");
    await page.keyboard.press("Enter");
    const note = page.locator("details", { has: page.locator("form[action$='/notes']") }).locator("summary");
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press("Tab");
      if (await note.evaluate((summary) => summary === document.activeElement)) break;
    }
    expect(page, await note.evaluate((summary) => summary === document.activeElement), "the note cannot be reached by keys");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Called: the bookkeeper is back on Monday.");
    await page.keyboard.press("Tab");
    await Promise.all([page.waitForEvent("domcontentloaded"), page.keyboard.press("Enter")]);
    await shows(page, "the bookkeeper is back on Monday");
  }

  // The operator.
  const nuria = await person("Nuria");
  for (const [path, name] of [["/portal", "operator-start"], ["/portal/organisations", "organisations"], ["/portal/health", "health"]]) {
    await nuria.goto(at(path));
    await picture(nuria, name);
  }

  // The debtor, on a small phone: light enough for a slow line, and a date is enough to be left in peace.
  const open = demo.debtors.find(({ what }) => what.includes("open"));
  const context = await browser.newContext({ viewport: { ...phone, width: 360 }, javaScriptEnabled: false });
  const page = await context.newPage();
  let bytes = 0;
  page.on("response", async (answer) => (bytes += (await answer.body().catch(() => Buffer.alloc(0))).length));
  await page.goto(`${open.url}?lang=en`, { waitUntil: "networkidle" });
  expect(page, bytes > 0 && bytes <= 60 * 1024, `the first load takes ${bytes} bytes`);
  await picture(page, "debtor-phone");
  await page.setViewportSize(desk);
  await picture(page, "debtor");
  const promise = form(page, "/promise");
  const soon = await promise.locator("input[type=date]").getAttribute("max");
  await promise.locator("input[type=date]").fill(soon);
  await sent(page, promise.locator("button[type=submit]"));
  expect(page, (await page.locator("[role=status], .flash, .notice").count()) > 0, "says nothing after a promise");
  await picture(page, "debtor-promised");
  for (const one of [amaia, lucia, helene, nuria, page]) await one.context().close();
}
