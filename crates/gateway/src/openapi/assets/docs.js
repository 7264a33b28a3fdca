"use strict";

// Reads the OpenAPI document of this service and makes a page of it. Nothing is loaded from elsewhere, and all that the
// document says is put in as text.

// Wherever a proxy has put the service: the page knows the way from itself.
const base = new URL(document.documentElement.dataset.base, location).href.replace(/\/$/, "");
const token = document.getElementById("token");
const calls = document.getElementById("calls");
let told;

function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") for (const [event, what] of Object.entries(value)) made.addEventListener(event, what);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...inside.filter((it) => it !== undefined && it !== null));
  return made;
}

// Words between backticks are code; there is no other markup in the document.
function prose(text) {
  return (text || "").split("`").map((part, place) => (place % 2 ? element("code", {}, part) : part));
}

function resolved(it) {
  let found = it;
  while (found && found.$ref) found = found.$ref.slice(2).split("/").reduce((here, name) => here[name], told);
  return found || {};
}

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items || {})}`;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [].concat(schema.type || "anything").join(" or ");
  return schema.format ? `${type} (${schema.format})` : type;
}

// All objects that a schema names, itself first, each with its keys.
function objectsOf(schema, found = new Map()) {
  const name = schema.$ref && schema.$ref.split("/").pop();
  if (name && found.has(name)) return found;
  const object = resolved(schema);
  if (object.properties) found.set(name || "Object", object);
  const inside = [...Object.values(object.properties || {}), ...(object.anyOf || []), object.items, object.additionalProperties];
  for (const it of inside) if (it && typeof it === "object") objectsOf(it, found);
  return found;
}

function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, ...[].concat(cell)))));
  return element("div", { class: "wide" }, element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
}

function tablesOf(schema) {
  return [...objectsOf(schema)].map(([name, object]) => {
    const rows = Object.entries(object.properties).map(([key, value]) => {
      const required = (object.required || []).includes(key) ? "" : " (may be absent)";
      return [element("code", {}, key), typeOf(value) + required, prose(value.description || resolved(value).description)];
    });
    return element("details", {}, element("summary", {}, name), table(["Key", "Type", "Meaning"], rows));
  });
}

function parameterTable(parameters) {
  const rows = parameters.map((it) => [
    element("code", {}, it.name), it.in, typeOf(it.schema), prose(it.description || it.schema.description),
  ]);
  return table(["Name", "In", "Type", "Meaning"], rows);
}

function answers(operation) {
  const parts = Object.entries(operation.responses).map(([status, reference]) => {
    const answer = resolved(reference);
    const inside = [];
    for (const [type, content] of Object.entries(answer.content || {})) {
      inside.push(element("p", {}, element("code", {}, type), " ", typeOf(content.schema)), ...tablesOf(content.schema));
    }
    const headers = Object.entries(answer.headers || {}).map(([name, header]) => [
      element("code", {}, name), prose(resolved(header).description),
    ]);
    if (headers.length) inside.push(table(["Header", "Says"], headers));
    return element("details", {}, element("summary", {}, `${status} `, ...prose(answer.description)), ...inside);
  });
  return [element("h4", {}, "Answers"), ...parts];
}

// A body to begin with: the fields that must be there, or the first one.
function example(schema) {
  const object = resolved(schema);
  const value = (it) => {
    const field = resolved(it);
    if (field.enum) return field.enum[0];
    return { integer: 0, number: 0, boolean: false }[[].concat(field.type)[0]] ?? "";
  };
  const names = object.required || Object.keys(object.properties || {}).slice(0, 1);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, value(object.properties[name])])), null, 2);
}

function inputOf(parameter, id, inputs) {
  const isMap = parameter.schema.type === "object";
  const input = element(isMap ? "textarea" : "input", {
    id, autocomplete: "off", spellcheck: "false", required: parameter.required, placeholder: isMap ? "name=value" : undefined,
  });
  inputs.push({ parameter, input });
  const more = isMap ? " (a name=value on each line)" : parameter.required ? " (required)" : "";
  return element("label", { for: id }, element("code", {}, parameter.name), more, input);
}

function pathOf(path, inputs) {
  let filled = path;
  const query = new URLSearchParams();
  for (const { parameter, input } of inputs) {
    const value = input.value;
    if (parameter.in === "path") {
      // Paths of files have slashes.
      filled = filled.replace(`{${parameter.name}}`, value.split("/").map(encodeURIComponent).join("/"));
    } else if (parameter.in === "query" && parameter.schema.type === "object") {
      for (const line of value.split("\n").filter(Boolean)) {
        const [name, ...rest] = line.split("=");
        query.append(name, rest.join("="));
      }
    } else if (parameter.in === "query" && value) query.append(parameter.name, value);
  }
  return filled + (query.size ? `?${query}` : "");
}

function callOf(method, path, inputs, body) {
  const headers = {};
  if (token.value) headers.Authorization = `Token ${token.value}`;
  for (const { parameter, input } of inputs) {
    if (parameter.in === "header" && input.value) headers[parameter.name] = input.value;
  }
  if (body) headers["Content-Type"] = "application/json";
  return { url: base + pathOf(path, inputs), method: method.toUpperCase(), headers, body: body ? body.value : undefined };
}

// For a shell. The token is named and not shown; whatever stands in the body is there as it was written.
function curl(call) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = ["curl", "--request", call.method, quoted(call.url)];
  for (const [name, value] of Object.entries(call.headers)) {
    if (name === "Authorization") parts.push("--header", '"Authorization: Token $TOKEN"');
    else parts.push("--header", quoted(`${name}: ${value}`));
  }
  if (call.body) parts.push("--data", quoted(call.body));
  return parts.join(" ");
}

async function show(answer, say) {
  const type = answer.headers.get("Content-Type") || "";
  if (type.startsWith("text/event-stream")) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) say(part.value);
  } else if (type.startsWith("application/json")) {
    const text = await answer.text();
    try { say(JSON.stringify(JSON.parse(text), null, 2)); } catch { say(text); }
  } else if (type.startsWith("text/")) {
    say(await answer.text());
  } else {
    const bytes = await answer.blob();
    if (bytes.size) say(`${bytes.size} bytes of ${type}`);
  }
}

async function send(call, result, stop) {
  const text = element("pre", { tabindex: "0" });
  result.replaceChildren(element("p", {}, element("code", {}, curl(call))), text);
  try {
    const { url, ...rest } = call;
    const answer = await fetch(url, { ...rest, signal: stop.signal, credentials: "omit" });
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}\n`).join("");
    text.append(`${answer.status} ${answer.statusText}\n${headers}\n`);
    await show(answer, (more) => text.append(more));
  } catch (error) {
    text.append(error.name === "AbortError" ? "\nStopped." : `\nThe call failed: ${error.message}`);
  }
}

function trial(method, path, operation, parameters) {
  const inputs = [];
  const id = (name) => `${operation.operationId}.${name}`;
  const isFilter = (it) => it.in === "query" && it.shared;
  const label = (it) => inputOf(it, id(`${it.in}.${it.name}`), inputs);
  const form = element("form", {}, element("h4", {}, "Try it"));
  if (method !== "get" && method !== "options") {
    form.append(element("p", { class: "warning" }, "This call is real, and changes or buys what it says."));
  }
  form.append(...parameters.filter((it) => !isFilter(it)).map(label));
  const filters = parameters.filter(isFilter);
  if (filters.length) {
    form.append(element("details", {}, element("summary", {}, "Filters, order and pages"), ...filters.map(label)));
  }
  let body;
  if (operation.requestBody) {
    body = element("textarea", { id: id("body"), spellcheck: "false" });
    body.value = example(operation.requestBody.content["application/json"].schema);
    form.append(element("label", { for: id("body") }, "Body, as JSON", body));
  }
  const result = element("div", { role: "status", "aria-live": "polite" });
  let stop = new AbortController();
  form.append(
    element("button", { type: "submit" }, "Send"),
    element("button", { type: "button", on: { click: () => stop.abort() } }, "Stop"),
    result,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stop.abort();
    stop = new AbortController();
    send(callOf(method, path, inputs, body), result, stop);
  });
  return form;
}

function inside(method, path, operation) {
  const parameters = (operation.parameters || []).map((it) => ({ ...resolved(it), shared: Boolean(it.$ref) }));
  const parts = [element("p", {}, ...prose(operation.description))];
  if (parameters.length) {
    parts.push(element("details", {}, element("summary", {}, `Parameters (${parameters.length})`), parameterTable(parameters)));
  }
  if (operation.requestBody) {
    const content = operation.requestBody.content;
    parts.push(element("h4", {}, "Body"), element("p", {}, ...prose(Object.keys(content).map((it) => `\`${it}\``).join(", "))));
    parts.push(...tablesOf(content["application/json"].schema));
  }
  return [...parts, ...answers(operation), trial(method, path, operation, parameters)];
}

function shown(method, path, operation) {
  const call = element("details", { id: operation.operationId, class: "call" });
  call.append(element("summary", {},
    element("span", { class: `method ${method}` }, method), " ", element("span", { class: "path" }, path), " ",
    element("span", { class: "says" }, operation.summary)));
  // What is inside is made when it is looked at: there are hundreds of tables.
  call.addEventListener("toggle", () => {
    if (call.open && call.children.length === 1) call.append(...inside(method, path, operation));
  });
  return call;
}

function section(tag, found) {
  const older = (path) => path.startsWith("/api/rest/v3/");
  const rows = (some) => some.map(([path, method, operation]) => shown(method, path, operation));
  const latest = found.filter(([path]) => !older(path));
  const old = found.filter(([path]) => older(path));
  const more = old.length
    ? element("details", {}, element("summary", {}, "The same in version 3"), ...rows(old))
    : undefined;
  return element("section", {}, element("h2", {}, tag.name), element("p", {}, ...prose(tag.description)), ...rows(latest), more);
}

function find(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const call of document.querySelectorAll(".call")) {
    const text = call.firstElementChild.textContent.toLowerCase();
    call.hidden = !wanted.every((word) => text.includes(word));
  }
}

// A link to a call opens it.
function follow() {
  const call = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!call || !call.classList.contains("call")) return;
  for (let it = call; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true;
  call.scrollIntoView();
  call.firstElementChild.focus();
}

async function begin() {
  const answer = await fetch(`${base}/api/schema/`, { credentials: "omit" });
  if (!answer.ok) throw new Error(`the document is answered with ${answer.status}`);
  told = await answer.json();
  document.getElementById("about").replaceChildren(...prose(told.info.description));
  const all = Object.entries(told.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [path, method, operation]));
  const sections = told.tags.map((tag) => section(tag, all.filter(([, , operation]) => operation.tags.includes(tag.name))));
  calls.replaceChildren(...sections);
  follow();
}

document.getElementById("settings").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
window.addEventListener("hashchange", follow);
begin().catch((error) => {
  document.getElementById("loading").textContent = `The document could not be read: ${error.message}`;
});
