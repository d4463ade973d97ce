export function registerMatMul(): void {}
