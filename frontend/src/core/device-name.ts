/** What the list of devices calls this browser: "Firefox on Linux". */
export function deviceName(agent: string): string {
  return `${browserOf(agent)} on ${systemOf(agent)}`;
}

export function browserOf(agent: string): string {
  if (/\bEdg\//.test(agent)) return "Edge";
  if (/\bOPR\//.test(agent)) return "Opera";
  if (/\bFirefox\//.test(agent)) return "Firefox";
  if (/Chrom(e|ium)\//.test(agent)) return "Chrome";
  if (/\bSafari\//.test(agent)) return "Safari";
  return "Browser";
}

export function systemOf(agent: string): string {
  if (/iPhone|iPad/.test(agent)) return "iOS";
  if (/Android/.test(agent)) return "Android";
  if (/Windows/.test(agent)) return "Windows";
  if (/Mac OS X/.test(agent)) return "macOS";
  if (/CrOS/.test(agent)) return "ChromeOS";
  if (/Linux/.test(agent)) return "Linux";
  return "another system";
}
