/** `value * factor + offset` is the value in the base unit of the kind (m, kg, °C). */
export const UNITS = {
  m: { kind: 'length', factor: 1 },
  km: { kind: 'length', factor: 1000 },
  ft: { kind: 'length', factor: 0.3048 },
  kg: { kind: 'mass', factor: 1 },
  g: { kind: 'mass', factor: 0.001 },
  C: { kind: 'temperature', factor: 1 },
  F: { kind: 'temperature', factor: 5 / 9, offset: (-32 * 5) / 9 },
  K: { kind: 'temperature', factor: 1, offset: -273.15 },
}
