export async function seal() {}
export async function openOwn() {}
export async function keepKey() {}
