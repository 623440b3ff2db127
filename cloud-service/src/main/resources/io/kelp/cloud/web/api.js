// Asking and telling the cloud service. Refusals carry the sentence that is shown to people.

import {setServerTime} from './dom.js';

const DEADLINE = 15000;

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function send(path, options) {
  const answer = await fetch(`/api/ui/${path}`, {...options, cache: 'no-store', signal: AbortSignal.timeout(DEADLINE)});
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Refused(answer.status, body.error ?? `The cloud service answered ${answer.status}.`);
  }
  if (body.now) {
    setServerTime(body.now);
  }
  return body;
}

export function get(path) {
  return send(path, {});
}

export function post(path, body) {
  return send(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
}

/** What to tell people when a request failed. */
export function sentence(problem) {
  return problem instanceof Refused ? problem.message : 'The cloud service does not answer.';
}
