"""Pages on the phone: a shell that is the same for everybody, filled by static/phone/ from what the phone keeps.

A page of this kind has `web/templates/phone/<page>.html` (extends `phone/base.html`, names its module in the block
`module`), `static/phone/<page>.js` (calls `thePhone()` of open.js) and a row in `web/pages/pwa/shells.py`. What else
the server has to answer for it is a handler here.
"""
