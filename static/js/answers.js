// What kind of answer an XMLHttpRequest got. Studio marks every answer with a header; a sign-in page, a captive portal or a
// proxy's error page does not have it.
export const isForeign = (xhr) => xhr.status !== 0 && xhr.getResponseHeader("Studio") === null;
