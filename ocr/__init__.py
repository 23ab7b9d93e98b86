"""Bytes to words: raster, enhance, orient, read.

`read` is the way of a page from top to bottom, `born_digital` that of one with text of its own; how
it is gone is in `manner`, what is handed on in `page`. The other modules by the question that they
answer:

- What is this file, and may it be touched? `formats`, `examine`, `tiffs`, `jpegs`, `pngs`,
  `limits`, `confine`, `errors`
- What is on a page of a PDF? `pdfpage`, `poppler`, `pdfium`, `shapes`, `streams`, `drawing`,
  `layer`, `textlayer`, `shown`
- What does it look like? `raster`, `stored`, `density`, `overheard`, `memory`; for a browser
  `picture`
- How do files of one document become one file? `binding`
- Is there anything to read? `blank`, `ink`, `marks`, `barcodes`, `separators`
- How is it made fit to be read? `enhance` with `inverted`, `panels`, `background`, `tints`,
  `grey_areas`, `streaks`, `specks`, `rules`, `faint`, `needles`, `two_tones`, `skew`
- Who reads it? `engine`, `engines`, `programs`; `tesseract`, `resident`; `rapid` with
  `recognise`, `letters`, `stretches`
- What do the readings say together? `first_look` with `orient`, `leaders`, `smaller` and
  `averages`; `torn`, `unread`, `columns`, `parted`, `points`, `combs`, `slanted`, `cutting`,
  `second_look`, `merge`, `lexicon`, `fields`, `written_dates`, `fax_header`, `fax_misread`
"""
