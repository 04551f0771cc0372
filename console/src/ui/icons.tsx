// Icons as outlines in the colour of the text.
const outlines = {
  overview: "M4 13h6V4H4v9Zm0 7h6v-4H4v4Zm10 0h6v-9h-6v9Zm0-16v4h6V4h-6Z",
  attention: "M12 4 3 19.5h18L12 4Zm0 6v4m0 2.6v.2",
  orders: "M6 4h12l1.5 16h-15L6 4Zm3 4a3 3 0 0 0 6 0",
  inventory: "M3.5 8 12 3.5 20.5 8v8.5L12 21l-8.5-4.5V8Zm0 0L12 12.5m0 0L20.5 8M12 12.5V21",
  shipments: "M3 6h11v10H3V6Zm11 4h4l3 3v3h-7v-6ZM7 19a1.8 1.8 0 1 0 0-3.6A1.8 1.8 0 0 0 7 19Zm10.500 0a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600Z",
  returns: "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 5 5v2",
  claims: "M12 3.500 5 6v6c0 4.500 3 7.500 7 8.500 4-1 7-4 7-8.500V6l-7-2.500Zm-3 8 2.200 2.200L15.200 9.700",
  work: "M14.500 6.500a4 4 0 0 0-5.300 5L4 16.700 7.300 20l5.200-5.200a4 4 0 0 0 5-5.300l-2.700 2.700-2.500-.5-.5-2.500 2.700-2.700Z",
  webhooks: "M9 9.500a3.500 3.500 0 1 1 5.500 2.900l2 3.600M12 9.500 9 15.500a3.500 3.500 0 1 1-4.500-2.500M9 16.500h8a3 3 0 1 1-1.500 3",
  keys: "M14 10a4.500 4.500 0 1 1 2.500 4l-2 2H12v2.500H9.500V21H5v-3.500l6-6A4.500 4.500 0 0 1 14 10Zm2.500-2.500h.1",
  search: "M10.500 17a6.500 6.500 0 1 1 0-13 6.500 6.500 0 0 1 0 13Zm5-1.500L20 20",
  menu: "M4 7h16M4 12h16M4 17h16",
  light: "M12 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM12 2.500v2m0 15v2m9.500-9.500h-2m-15 0h-2m16.200-6.700-1.400 1.400M6.700 17.300l-1.400 1.400m0-13.400 1.400 1.400m10.600 10.600 1.400 1.400",
  close: "M6 6l12 12M18 6 6 18",
  out: "M10 5H5v14h5m4-11 4 4-4 4m4-4H9",
};
export type IconName = keyof typeof outlines;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={outlines[name]} />
    </svg>
  );
}
