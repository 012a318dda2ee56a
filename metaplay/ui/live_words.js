// Words that `feed.js` may replace; what it has brought stays where this is called again with the words that it had before.
export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".metaplay-fed")
  if (host.own !== data.html) host.innerHTML = host.own = data.html
  host.take = ([html]) => { host.innerHTML = html }
}
