/* The page that opens from disk: what it holds stands in it. */

/** Unpack the page and start it. */
async function main() {
  if (typeof DecompressionStream === "undefined") {
    const failure = document.getElementById("failure");
    failure.textContent = "此浏览器版本过旧，请更新。 This browser is too old: please update it.";
    failure.hidden = false;
    return;
  }
  const [content, bytes] = await Promise.all([unpack("content"), unpack("bytes")]);
  await document.fonts?.load('13px "Railshed Sans SC"', "字");
  const page = new Page(JSON.parse(new TextDecoder().decode(content)), new Arrays(bytes));
  window.railshedPage = page;
  await page.start();
}

main();
