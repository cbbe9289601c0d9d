// Of lean-qr, what the page uses.

export interface QrCode {
  size: number;
  get(x: number, y: number): boolean;
}
export function generate(text: string): QrCode;
