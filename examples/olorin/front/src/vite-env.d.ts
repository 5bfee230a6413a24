/** The JWT of the development server, so that it need not be entered; null in a build. */
declare const __DEV_TOKEN__: string | null;
