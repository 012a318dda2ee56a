// New contents for what stands on the page, by its key. What is not there yet comes with contents of its own.
export default function ({ data }) {
  Object.entries(data ?? {}).forEach(([key, said]) => document.querySelector(`.st-key-${key} .metaplay-fed`)?.take?.(said))
}
