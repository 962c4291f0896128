/** Of this package, as its package.json says; told to the server, for people who look at who is connected. */
export const sdkVersion = '0.1.0';
