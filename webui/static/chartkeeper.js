"use strict";
// Everything works without this file; it saves hands and hides charts from an empty chair.

const WARN_SECONDS = 60;
// Nobody reads a page in less; the second half of a double click was meant for the page before.
const UNREAD_MILLISECONDS = 400;

function watchIdleness(body) {
  const box = document.querySelector(".idle");
  const csrf = body.dataset.csrf;
  const idleSeconds = Number(body.dataset.idle);
  // Typing is told to the service so often that the question never comes in the middle of it.
  const tellSeconds = Math.min(30, idleSeconds / 6);
  let timer = 0, told = Date.now(), focusBefore = null;

  function schedule(seconds) {
    clearTimeout(timer);
    const left = Math.max(0, seconds - WARN_SECONDS);
    timer = setTimeout(seconds > WARN_SECONDS ? ask : leave, (seconds > WARN_SECONDS ? left : seconds) * 1000 + 500);
  }
  async function remaining() {
    // Another window may have kept the session alive.
    const answer = await fetch("/session", { redirect: "error" });
    return (await answer.json()).seconds;
  }
  function open() {
    if (!box.hidden) return;
    focusBefore = document.activeElement;
    box.hidden = false;
    box.querySelector("button").focus();
  }
  function close() {
    if (box.hidden) return;
    const wasInside = box.contains(document.activeElement);
    box.hidden = true;
    if (wasInside) focusBefore?.focus({ preventScroll: true });
  }
  async function ask() {
    const seconds = await remaining().catch(() => 0);
    if (seconds > WARN_SECONDS) close(); else open();
    if (seconds <= 0) leave(); else schedule(seconds);
  }
  async function leave() {
    const seconds = await remaining().catch(() => 0);
    if (seconds > 1) { if (seconds > WARN_SECONDS) close(); schedule(seconds); return; }
    document.querySelector("main").replaceChildren();
    location.replace("/login?" + new URLSearchParams({ why: "idle", next: location.pathname + location.search }));
  }
  async function stay() {
    told = Date.now();
    close();
    const answer = await fetch("/session", { method: "POST", body: new URLSearchParams({ csrf }), redirect: "error" }).catch(() => null);
    if (answer?.ok) schedule((await answer.json()).seconds); else leave();
  }
  // While the box is open its keys are its own: no letter may become a command of the page behind.
  document.addEventListener("keydown", (event) => {
    if (box.hidden) { if (Date.now() - told > tellSeconds * 1000) stay(); return; }
    event.stopImmediatePropagation();
    if (event.key === "Tab") event.preventDefault();
    if (event.key === "Escape" || !box.contains(event.target)) stay();
  }, true);
  box.querySelector("button").addEventListener("click", stay);
  schedule(idleSeconds);
}

function isTyping(target) {
  return target.matches("select, textarea, input:not([type=radio]):not([type=checkbox])");
}

function keysAreOn() {
  return localStorage.getItem("chartkeeper-keys") !== "off";
}

function keySwitch(label) {
  const on = label.querySelector("input");
  label.hidden = false;
  on.checked = keysAreOn();
  on.addEventListener("change", () => localStorage.setItem("chartkeeper-keys", on.checked ? "on" : "off"));
}

function isPlainKey(event) {
  return keysAreOn() && !isTyping(event.target) && !event.ctrlKey && !event.altKey && !event.metaKey;
}

const ZOOMS = [100, 150, 200, 300];

// Where the sight begins: below what stays on top.
function topOfSight(sheets) {
  const above = [...sheets.querySelectorAll(".whose, .view-tools, .strip")].map((one) => one.getBoundingClientRect().bottom);
  return Math.max(0, sheets.getBoundingClientRect().top, ...above);
}

function pageInSight(tools) {
  const pictures = [...tools.closest(".sheets").querySelectorAll(".picture")];
  const top = topOfSight(tools.closest(".sheets")) + 60;
  return pictures.find((picture) => picture.getBoundingClientRect().bottom > top) ?? pictures.at(-1);
}

// The corner of a page that is in sight, as parts of its size, and how high it stands in the window.
function cornerInSight(picture, tools) {
  const box = picture.getBoundingClientRect(), page = picture.querySelector(".frame").getBoundingClientRect();
  const height = Math.max(box.top, topOfSight(tools.closest(".sheets")));
  return { x: (box.left - page.left) / page.width, y: (height - page.top) / page.height, height };
}

function showCorner(picture, { x, y, height }) {
  const page = picture.querySelector(".frame"), sheets = picture.closest(".sheets");
  picture.scrollTo({ left: x * page.offsetWidth, top: y * page.offsetHeight, behavior: "instant" });
  const place = page.getBoundingClientRect();
  const scrolled = getComputedStyle(sheets).overflowY === "auto" ? sheets : window;
  scrolled.scrollBy({ top: place.top + y * place.height - height, behavior: "instant" });
}

function viewPages(tools) {
  const sheets = tools.closest(".sheets"), said = tools.querySelector("output");
  // Kept while the window is open: whoever needs it larger needs the next document larger, too.
  let zoom = Number(sessionStorage.getItem("chartkeeper-zoom"));
  if (!ZOOMS.includes(zoom)) zoom = 100;
  tools.querySelector(".buttons").hidden = false;

  function enlarge(picture) {
    const large = zoom > 100, image = picture.querySelector("img");
    if (large && image.dataset.large) { image.src = image.dataset.large; delete image.dataset.large; }
    const box = { tabindex: "0", role: "region", "aria-label": `${picture.dataset.name}, enlarged` };
    for (const [name, value] of Object.entries(box)) {
      if (large) picture.setAttribute(name, value); else picture.removeAttribute(name);
    }
  }
  function show() {
    if (zoom > 100) sheets.dataset.zoom = zoom; else delete sheets.dataset.zoom;
    sheets.querySelectorAll(".picture").forEach(enlarge);
    said.textContent = `${zoom} % of the width`;
  }
  function change(to) {
    const picture = pageInSight(tools), corner = cornerInSight(picture, tools);
    zoom = to;
    sessionStorage.setItem("chartkeeper-zoom", zoom);
    show();
    showCorner(picture, corner);
  }
  // Only the view is turned: what the ledger knows of the page stays.
  function turn() {
    const picture = pageInSight(tools);
    const frame = picture.querySelector(".frame"), leaf = picture.querySelector(".leaf"), image = leaf.querySelector("img");
    const by = (Number(leaf.dataset.turn ?? 0) + 90) % 360;
    leaf.dataset.turn = by;
    frame.style.setProperty("--width", image.getAttribute("width"));
    frame.style.setProperty("--height", image.getAttribute("height"));
    frame.classList.toggle("sideways", by % 180 === 90);
    said.textContent = `${picture.dataset.name}: turned by ${by} degrees`;
    showCorner(picture, { x: 0, y: 0, height: Math.max(picture.getBoundingClientRect().top, topOfSight(tools.closest(".sheets"))) });
  }
  const actions = {
    smaller: () => change(ZOOMS[Math.max(0, ZOOMS.indexOf(zoom) - 1)]),
    larger: () => change(ZOOMS[Math.min(ZOOMS.length - 1, ZOOMS.indexOf(zoom) + 1)]),
    fit: () => change(100),
    turn,
    marks: () => tools.querySelector(".marks-switch input")?.click(),
  };
  const keys = { m: "marks", "-": "smaller", "+": "larger", "=": "larger", 0: "fit", r: "turn" };
  tools.addEventListener("click", (event) => actions[event.target.closest("[data-view]")?.dataset.view]?.());
  document.addEventListener("keydown", (event) => {
    if (isPlainKey(event) && event.key in keys) { event.preventDefault(); actions[keys[event.key]](); }
  });
  show();
}

function walkHits(stepper) {
  const way = stepper.closest(".hit-links"), said = way.querySelector("[role=status]");
  const hits = [...document.querySelectorAll(".picture .hit")];
  let at = -1;
  stepper.hidden = false;
  document.querySelector(".sheets").classList.add("walked");

  function show(to) {
    const hit = hits[at = to];
    document.querySelectorAll(".hit.here").forEach((old) => { old.classList.remove("here"); old.removeAttribute("aria-current"); });
    way.querySelectorAll("[aria-current]").forEach((old) => old.removeAttribute("aria-current"));
    hit.classList.add("here");
    hit.setAttribute("aria-current", "true");
    way.querySelector(`.numbers a[href="#${hit.id}"]`)?.setAttribute("aria-current", "true");
    hit.scrollIntoView({ block: "center", inline: "center" });
    history.replaceState(null, "", `#${hit.id}`);
    said.textContent = `Hit ${hit.id.slice(4)} of ${way.dataset.total}, ${hit.closest(".picture").dataset.name.toLowerCase()}: ${hit.textContent}`;
  }
  // Where a step leads while no hit is the current one: on from what is in sight.
  function fromSight(by) {
    const top = topOfSight(document.querySelector(".sheets"));
    const below = hits.findIndex((hit) => hit.getBoundingClientRect().bottom > top);
    return (below < 0 ? hits.length : below) - (by > 0 ? 0 : 1);
  }
  function step(by) {
    const to = at < 0 ? fromSight(by) : at + by;
    const elsewhere = to < 0 ? way.dataset.previous : to >= hits.length ? way.dataset.next : "";
    if (elsewhere) location.assign(elsewhere);
    else if (hits.length) show((to + hits.length) % hits.length);
  }
  function arrive() {
    const wanted = document.getElementById(location.hash.slice(1))?.closest(".hit, .picture g");
    if (wanted) show(hits.indexOf(wanted.matches(".hit") ? wanted : wanted.querySelector(".hit")));
  }
  stepper.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    if (!isPlainKey(event)) return;
    if (event.key === "n") step(1);
    if (event.key === "p") step(-1);
  });
  addEventListener("hashchange", arrive);
  arrive();
}

function deskKeys(form) {
  const file = form.querySelector("button[value=file]");
  const keep = form.querySelector(".key-switch");
  const on = keep.querySelector("input");
  keep.hidden = false;
  on.checked = localStorage.getItem("chartkeeper-keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("chartkeeper-keys", on.checked ? "on" : "off"));
  const fields = { t: "type", d: "service_date", l: "looked_for" };

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || !event.target.matches("input")) return;
    event.preventDefault();
    if (event.target.id === fields.l && event.target.value.trim()) form.requestSubmit(form.querySelector("button[value=look_up]"));
  });

  document.addEventListener("keydown", (event) => {
    // A key that is held down goes on into the next document, which nobody has read yet.
    if (event.repeat) return;
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(file); return; }
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
    if (!on.checked || isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
    const option = form.querySelectorAll(".option input")[Number(event.key) - 1];
    if (option) { option.checked = changed = true; option.focus(); option.closest(".option").scrollIntoView({ block: "nearest" }); }
    if (event.key in fields) { event.preventDefault(); document.getElementById(fields[event.key]).focus(); }
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) link.click();
  });
  // Choices go with the page unless they are sent.
  let changed = "unsaved" in form.dataset;
  form.addEventListener("input", ({ target }) => { if (target.name && target.id !== fields.l) changed = true; });
  addEventListener("beforeunload", (event) => { if (changed && !sent && form.isConnected) event.preventDefault(); });
  // A second press must not decide twice, nor on the next document.
  let sent = false, shownAt = performance.now();
  form.addEventListener("submit", (event) => {
    const unread = !changed && performance.now() - shownAt < UNREAD_MILLISECONDS;
    if (sent || unread) event.preventDefault(); else sent = true;
  });
  addEventListener("pageshow", () => { sent = false; shownAt = performance.now(); });
  // Whoever sets the document aside has no use for the choices.
  document.querySelector(".aside form")?.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
}

// Nothing is set aside by the way: Enter in a field does nothing, the button or Ctrl and Enter do.
function asideKeys(details) {
  const form = details.querySelector("form"), reasons = form.querySelectorAll("input[type=radio]");
  details.addEventListener("toggle", () => { if (details.open) (form.querySelector(":checked") ?? reasons[0]).focus(); });
  form.addEventListener("keydown", (event) => {
    const reason = isPlainKey(event) ? reasons[Number(event.key) - 1] : undefined;
    if (reason) { reason.checked = true; reason.focus(); event.stopPropagation(); }
    if (event.key !== "Enter" || !(event.ctrlKey || event.target.matches("input"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.ctrlKey) form.requestSubmit(form.querySelector("button[value=aside]"));
  });
}

// What is printed says when it was printed, not when it was opened.
function stampPrints(places) {
  addEventListener("beforeprint", () => {
    const now = new Date(), two = (number) => String(number).padStart(2, "0");
    const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
    for (const place of places) place.textContent = `${day} ${two(now.getHours())}:${two(now.getMinutes())}`;
  });
}

// A print leaves the house as a download does, so that it is noted as one.
function tellPrints(shown) {
  addEventListener("beforeprint", () => {
    const body = new URLSearchParams({ csrf: document.body.dataset.csrf, page: shown.dataset.page });
    fetch(shown.dataset.print, { method: "POST", body, keepalive: true, redirect: "error" }).catch(() => null);
  });
}

stampPrints(document.querySelectorAll(".printed-at"));
const printable = document.querySelector("[data-print]");
if (printable) tellPrints(printable);
const stepper = document.querySelector(".stepper");
const desk = document.querySelector("form.decide");
if (document.body.dataset.idle) watchIdleness(document.body);
const viewTools = document.querySelector(".view-tools");
const viewKeys = document.querySelector(".keys-switch");
if (viewTools) viewPages(viewTools);
if (viewKeys) keySwitch(viewKeys);
if (stepper) walkHits(stepper);
const aside = document.querySelector("details.aside");
if (desk) deskKeys(desk);
if (aside) asideKeys(aside);
