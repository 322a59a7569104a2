"""What all pages share: access, locale, security headers, errors, formats, health."""
