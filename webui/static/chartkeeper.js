"use strict";
// Everything works without this file; it saves hands and hides charts from an empty chair.

const WARN_SECONDS = 60;

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

function walkHits(stepper) {
  const hits = [...document.querySelectorAll(".picture .hit")];
  const links = [...document.querySelectorAll(".numbers a")];
  let at = hits.findIndex((hit) => "#" + hit.id === location.hash);
  stepper.hidden = false;

  function step(by) {
    hits[at]?.classList.remove("here");
    links[at]?.classList.remove("here");
    at = (at + by + hits.length) % hits.length;
    hits[at].classList.add("here");
    links[at]?.classList.add("here");
    hits[at].scrollIntoView({ block: "center" });
  }
  stepper.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "n") step(1);
    if (event.key === "p") step(at < 0 ? 0 : -1);
  });
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
  // A second press must not decide twice.
  let sent = false;
  form.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
  addEventListener("pageshow", () => { sent = false; });
}

const stepper = document.querySelector(".stepper");
const desk = document.querySelector("form.decide");
if (document.body.dataset.idle) watchIdleness(document.body);
if (stepper) walkHits(stepper);
if (desk) deskKeys(desk);
