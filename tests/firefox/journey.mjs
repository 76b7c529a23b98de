// A person's way in Firefox: sign in, ask for a picture, see the card become it, open it, and once more on a slow line.
// Arguments: Firefox, the site, name, password.
import puppeteer from "puppeteer-core";

const [executablePath, site, name, password] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  page.setDefaultTimeout(60_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));

  await page.goto(`${site}/sign-in/`);
  await page.locator("input[name=username]").fill(name);
  await page.locator("input[name=password]").fill(password);
  await page.locator("main button[type=submit], form button[type=submit]").click();
  await page.waitForFunction(() => location.pathname === "/");

  await page.locator("textarea[name=prompt]").fill("A whitewashed courtyard at noon");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  const card = await page.waitForSelector("[id^=job-]");
  const id = await card.evaluate((element) => element.id);
  await page.waitForFunction(
    (id) => {
      const image = document.querySelector(`#${id}[data-state=done] a img`);
      return image && image.complete && image.naturalWidth > 0;
    },
    {},
    id,
  );
  await page.locator(`#${id} a:has(img)`).click();
  await page.waitForFunction(() => location.pathname.startsWith("/pictures/"));
  const shown = await page.waitForFunction(() => [...document.images].find((image) => image.naturalWidth >= 512)?.src);
  const picture = await shown.jsonValue();

  // While a picture is on its way, its words are not written over what is seen until then: they make no difference.
  const slow = await browser.newPage();
  await slow.setViewport({ width: 1440, height: 900 });
  await slow.setRequestInterception(true);
  let late;
  slow.on("request", (request) => late.test(request.url()) || request.continue());
  async function isClear(path, held, small, large, around) {
    late = held;
    slow.goto(site + path).catch(() => {});
    await slow.waitForFunction((one) => document.querySelector(one)?.naturalWidth > 0, {}, small);
    const box = await slow.$(around);
    const seen = [];
    for (const alt of ["m".repeat(200), ""]) {
      await slow.evaluate((one, alt) => Object.assign(document.querySelector(one), { alt }), large, alt);
      seen.push(await box.screenshot({ encoding: "base64" }));
    }
    return seen[0] === seen[1];
  }
  const path = await page.evaluate(() => location.pathname);
  const large = /-(1024|2048)\.webp$|\/original\/$/;
  const isClearLarge = await isClear(path, large, "img.preview", ".preview + img", ".view__picture");
  const isClearTile = await isClear("/gallery/", /\.webp$/, ".tile > img", ".tile > img + a > img", ".tile");

  const answer = {
    card: id,
    path,
    picture,
    isClearLarge,
    isClearTile,
    errors,
    browser: await browser.version(),
  };
  console.log(JSON.stringify(answer));
} finally {
  await browser.close();
}
