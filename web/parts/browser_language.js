/**
 * Some browsers name no language of theirs (WebKitGTK under LANG=C says "C"), and a library that hands this name to Intl as it is loaded ends
 * the page before it began (uPlot does). So whoever imports such a library imports this file first: a name that Intl does not know
 * becomes English.
 */

/** Whether Intl takes this tag of a language (BCP 47). */
function isKnown(name) {
  try {
    return Intl.getCanonicalLocales(name).length > 0;
  } catch {
    return false;
  }
}

if (!isKnown(navigator.language)) {
  Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
}
