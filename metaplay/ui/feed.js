// New data for charts of `live_plot` that stand on the page, by their keys. One that is not there yet comes with data of its own.
export default function ({ data }) {
  Object.entries(data ?? {}).forEach(([key, [figure, alt]]) =>
    document.querySelector(`.st-key-${key} .metaplay-plot`)?.take?.({ figure, alt })
  )
}
