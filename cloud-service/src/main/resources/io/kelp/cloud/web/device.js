// One device: what it reports, what is desired, and where the two differ.

import {control} from './control.js';
import {ago, duration, h, replace, serverNow, setText, state, title} from './dom.js';
import {Histories, changes, graph} from './history.js';
import {follow} from './live.js';
import {method} from './methods.js';
import {Sparkline} from './sparkline.js';

const LONG_TEXT = 18;
/** A device that is quicker than this is not said to be waited for: the page would only flicker. */
const PATIENCE = 600;

export function show(main, [namespace, name]) {
  const key = `${namespace}/${name}`;
  title(name);
  const facts = h('p', {class: 'sub fresh'});
  const notes = h('div');
  const list = h('div', {class: 'card', hidden: true});
  const head = h('h1', {tabindex: -1}, name);
  const histories = new Histories(key);
  const methods = h('div', {class: 'card', hidden: true});
  main.replaceChildren(head, facts, notes, histories.element, list, methods);
  let rows = null;
  let calls = null;
  let shape = '';
  let connectedSince = 0;

  function update(device) {
    if (device === null) {
      rows = null;
      shape = '';
      list.hidden = true;
      methods.hidden = true;
      replace(facts, null, () => []);
      replace(notes, null, () => [h('p', {class: 'note'}, `There is no device ${key}.`)]);
      return;
    }
    replace(facts, [device.state, device.node, device.model, device.protocol, device.api, device.created], () => describe(device));
    const warned = warnings(device);
    replace(notes, warned, () => warned.map(text => h('p', {class: 'note'}, text)));
    const now = device.uid + JSON.stringify([device.properties.map(p => [p.name, p.type, p.control, p.description, p.unit]),
      (device.methods ?? []).map(m => [m.name, m.description, m.properties])]);
    if (now !== shape) {
      shape = now;
      rows = device.properties.map(property => row(`devices/${key}`, property, () => histories.load()));
      list.replaceChildren(...rows.map(r => r.element));
      list.hidden = rows.length === 0;
      calls = (device.methods ?? []).map(one => method(`devices/${key}`, one, device.properties));
      methods.replaceChildren(h('h2', {}, 'Methods'), ...calls.map(c => c.element));
      methods.hidden = calls.length === 0;
      connectedSince = device.connectedSince;
      histories.show(rows.map(r => r.history));
    }
    rows.forEach((r, i) => r.update(device.properties[i], device));
    calls.forEach((c, i) => c.update(device.methods[i]));
    if (device.connectedSince && device.connectedSince !== connectedSince) {
      connectedSince = device.connectedSince;
      histories.load(); // the gateway is back and knows what was meanwhile
    }
  }

  follow(`device=${encodeURIComponent(key)}`, {device: update, back: () => histories.load()});
  return head;
}

function describe(device) {
  const parts = [];
  if (device.state) {
    parts.push(state(device.state));
  }
  if (device.node) {
    parts.push(h('span', {}, 'on ', h('a', {href: `#/nodes/${device.node}`}, device.node)));
  }
  parts.push(`namespace ${device.namespace}`);
  if (device.model) {
    parts.push(`model ${device.model}`);
  }
  if (device.protocol) {
    parts.push(`protocol ${device.protocol}`);
  }
  parts.push(device.api);
  if (device.created) {
    parts.push(ago(device.created, text => `made ${text} ago`));
  }
  return parts.flatMap((part, i) => i ? [' · ', part] : [part]);
}

function warnings(device) {
  const warnings = [];
  if (!device.node) {
    warnings.push('This device is on no gateway: its object names no node.');
  } else if (!device.nodeState) {
    warnings.push(`Its gateway ${device.node} is not a node of this cluster.`);
  } else if (device.nodeState !== 'Ready') {
    const since = Date.parse(device.nodeSince);
    warnings.push(`Its gateway ${device.node} is not ready${since ? `, for ${duration(serverNow() - since)}` : ''}: the values are the last known, what you set is done when it is back.`);
  }
  if (device.properties.length === 0) {
    warnings.push('This device has no properties.');
  }
  if (device.model && !device.hasModel) {
    warnings.push(`Its model ${device.model} does not exist: types, units and bounds are unknown.`);
  }
  return warnings;
}

function row(path, first, reload) {
  const value = h('b', {'data-value': first.name});
  const unit = h('span', {class: 'unit'}, first.unit);
  const age = h('span', {class: 'age'});
  const isNumber = ['INT', 'FLOAT', 'DOUBLE'].includes(first.type);
  const line = isNumber ? new Sparkline(`values of ${first.name} over time`) : null;
  const past = line ? graph(first.name, line) : changes(first.name, reload);
  const error = h('div', {class: 'problem', role: 'status', hidden: true});
  const setter = control(path, first);
  const waiting = h('div', {class: 'waiting', hidden: true});
  const said = h('span');
  let waitingFor = null;
  let wasRefused = false;
  let patience = 0;
  let seenSince = 0;
  const element = h('section', {class: 'property', 'aria-label': first.name, 'data-property': first.name},
    h('div', {}, h('h3', {}, first.name), h('p', {}, first.description || first.type.toLowerCase())),
    h('div', {class: 'reading fresh'}, value, unit, age, error, line?.element ?? past.element), setter.element, waiting);

  function update(property, device) {
    const {reported} = property;
    setText(value, reported && (reported.value || !reported.error) ? reported.value || '(empty)' : '—');
    value.classList.toggle('doubtful', !!reported?.quality);
    value.title = reported?.quality ? `The quality of this value is ${reported.quality}.` : '';
    setText(error, reported?.error ?? (reported?.quality ? `The quality of this value is ${reported.quality}.` : ''));
    error.hidden = error.textContent === '';
    value.classList.toggle('long', !!reported && reported.value.length > LONG_TEXT);
    unit.hidden = !reported;
    const at = reported?.at ?? 0;
    age.replaceChildren(!reported ? 'not reported yet' : plausible(at) ? ago(at) : '');
    if (reported && reported.quality !== 'bad' && reported.value.trim() !== '') {
      line?.add(plausible(at) ? at : serverNow(), Number(reported.value));
    }
    setter.update(property);
    pending(property, device);
  }

  function pending(property, device) {
    if (!property.pending) {
      waitingFor = null;
      clearTimeout(patience);
      waiting.hidden = true;
      return;
    }
    const refused = !!property.reported?.error;
    if (waitingFor !== property.desired || wasRefused !== refused) {
      waitingFor = property.desired;
      wasRefused = refused;
      seenSince = serverNow();
      // The object tells the time of its last change only; right after a click that is now.
      const since = device.desiredSince && device.desiredSince < seenSince ? device.desiredSince : seenSince;
      waiting.replaceChildren(ago(since, text => `${refused ? 'Not taken' : 'Waiting for the device'} for ${text}: `),
        h('b', {}, property.desired || '(empty)'), ' is desired, ', said);
      clearTimeout(patience);
      patience = setTimeout(() => { waiting.hidden = waitingFor === null; }, since < seenSince - 2000 ? 0 : PATIENCE);
    }
    setText(said, property.reported ? `it reports ${property.reported.value || '(empty)'}.` : 'nothing is reported yet.');
  }

  return {element, update, history: past};
}

/** Gateways without a battery start in 1970; a time of theirs is worth nothing then. */
function plausible(millis) {
  return millis > Date.UTC(2020, 0) && millis < serverNow() + 3600e3;
}
