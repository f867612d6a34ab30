const decode = (text) => decodeURIComponent(text.replaceAll('+', ' '));

/** `?a=1&b=2` as an object; a name that is there several times gets a list. */
export function parse(query) {
  const result = {};
  for (const part of query.replace(/^\?/, '').split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = decode(at === -1 ? part : part.slice(0, at));
    const value = at === -1 ? '' : decode(part.slice(at + 1));
    if (!Object.hasOwn(result, name)) result[name] = value;
    else result[name] = [result[name], value].flat();
  }
  return result;
}

/** An object as `a=1&b=2`; lists repeat the name, `undefined` is left out. */
export function stringify(values) {
  const parts = [];
  for (const [name, value] of Object.entries(values)) {
    for (const each of [value].flat()) {
      if (each === undefined) continue;
      parts.push(`${encodeURIComponent(name)}=${encodeURI(each)}`);
    }
  }
  return parts.join('&');
}

/** The URL with some parameters changed; `undefined` removes one. */
export function withQuery(url, changes) {
  const [path, query = ''] = url.split('?');
  const text = stringify({ ...parse(query), ...changes });
  return text === '' ? path : `${path}?${text}`;
}
