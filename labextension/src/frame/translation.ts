/** The domain under which language packs hold this extension's texts. */
export const DOMAIN = 'olo_jupyter';
