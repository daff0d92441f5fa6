/** What was typed into a form stands there again where the server did not take it: a refusal loses nothing.
 *
 * It is kept in this tab for one answer. Never kept: passwords, files, and what is marked data-forgets. */

const KEY = "typed";
const OURS = "input[name], textarea[name], select[name]";
const NOT_OURS = "[type=hidden], [type=password], [type=file], [data-forgets]";
// What differs from one load of a page to the next; the other hidden fields tell the forms of one address apart.
const PASSING = ["csrfmiddlewaretoken", "request_id", "key"];

const fieldsOf = (form) => [...form.querySelectorAll(OURS)].filter((field) => !field.matches(NOT_OURS));
const isBox = (field) => field.type === "checkbox" || field.type === "radio";
const isAside = () => location.pathname.startsWith("/accounts/");

function nameOf(form) {
  const hidden = [...form.querySelectorAll("input[type=hidden][name]")].filter(({ name }) => !PASSING.includes(name));
  return [form.getAttribute("action"), ...hidden.map(({ name, value }) => `${name}=${value}`)].join("&");
}

function keep(event) {
  const form = event.target;
  if (isAside() || form.getAttribute("method") !== "post" || form.hasAttribute("hx-post")) return;
  const values = fieldsOf(form).map((field) => (isBox(field) ? field.checked : field.value));
  sessionStorage.setItem(KEY, JSON.stringify({ name: nameOf(form), action: form.action, values }));
}

function isRefused(root, action) {
  if (root.querySelector(".messages .success")) return false;
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  return isBack || document.referrer === action || root.querySelector(".messages .error, [role=alert]") !== null;
}

function giveBack(form, values) {
  const fields = fieldsOf(form);
  if (fields.length !== values.length) return;
  fields.forEach((field, at) => {
    if (isBox(field)) field.checked = values[at];
    else field.value = values[at];
  });
  for (let room = form.closest("details"); room; room = room.parentElement.closest("details")) room.open = true;
}

export function start(root) {
  root.addEventListener("submit", keep);
  const kept = isAside() ? null : JSON.parse(sessionStorage.getItem(KEY));
  if (!kept) return;
  sessionStorage.removeItem(KEY);
  const form = [...root.querySelectorAll("form[method=post]")].find((one) => nameOf(one) === kept.name);
  if (form && isRefused(root, kept.action)) giveBack(form, kept.values);
}
