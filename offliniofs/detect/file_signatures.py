"""What extensions claim and what the first bytes of files mean, as data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class FileClass(StrEnum):
    """The broad kinds of file that the import tells apart."""

    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"
    ARTWORK = "artwork"
    NFO = "nfo"
    PLAYLIST = "playlist"
    ARCHIVE = "archive"
    DOCUMENT = "document"
    DISC_IMAGE = "disc_image"
    PROGRAM = "program"
    OTHER = "other"


Kind = tuple[FileClass, str]
"""A class and a MIME type."""

_BY_CLASS: Final[dict[FileClass, str]] = {
    FileClass.VIDEO: (
        "mkv=video/x-matroska mk3d=video/x-matroska webm=video/webm mp4=video/mp4 m4v=video/x-m4v mov=video/quicktime "
        "qt=video/quicktime avi=video/x-msvideo divx=video/x-msvideo ts=video/mp2t m2ts=video/mp2t mts=video/mp2t "
        "m2t=video/mp2t tp=video/mp2t trp=video/mp2t mpg=video/mpeg mpeg=video/mpeg m2v=video/mpeg m1v=video/mpeg "
        "mpe=video/mpeg vob=video/mpeg evo=video/mpeg wmv=video/x-ms-wmv asf=video/x-ms-asf flv=video/x-flv "
        "f4v=video/mp4 3gp=video/3gpp 3g2=video/3gpp2 ogv=video/ogg ogm=video/ogg rm=application/vnd.rn-realmedia "
        "rmvb=application/vnd.rn-realmedia-vbr mxf=application/mxf wtv=video/x-wtv dvr-ms=video/x-ms-dvr "
        "dv=video/dv y4m=video/x-yuv4mpeg nut=video/x-nut h264=video/h264 264=video/h264 "
        "hevc=video/h265 265=video/h265 ivf=video/x-ivf amv=video/x-amv"
    ),
    FileClass.AUDIO: (
        "mp3=audio/mpeg mp2=audio/mpeg flac=audio/flac m4a=audio/mp4 m4b=audio/mp4 aac=audio/aac ogg=audio/ogg "
        "oga=audio/ogg opus=audio/opus wav=audio/wav w64=audio/x-w64 wma=audio/x-ms-wma aif=audio/aiff aiff=audio/aiff "
        "aifc=audio/aiff ape=audio/x-ape wv=audio/x-wavpack mpc=audio/x-musepack tta=audio/x-tta alac=audio/mp4 "
        "ac3=audio/ac3 eac3=audio/eac3 dts=audio/vnd.dts dtshd=audio/vnd.dts.hd thd=audio/vnd.dolby.mlp "
        "mka=audio/x-matroska weba=audio/webm amr=audio/amr mid=audio/midi midi=audio/midi dsf=audio/x-dsf "
        "dff=audio/x-dff caf=audio/x-caf spx=audio/ogg au=audio/basic aa3=audio/x-atrac ra=audio/vnd.rn-realaudio"
    ),
    FileClass.SUBTITLE: (
        "srt=application/x-subrip ass=text/x-ssa ssa=text/x-ssa vtt=text/vtt sub=text/x-microdvd "
        "idx=text/x-vobsub-index sup=application/x-pgs smi=application/x-sami sami=application/x-sami "
        "ttml=application/ttml+xml "
        "dfxp=application/ttml+xml usf=application/x-usf mks=application/x-matroska lrc=text/x-lrc psb=text/x-psb "
        "stl=application/x-stl"
    ),
    FileClass.ARTWORK: (
        "jpg=image/jpeg jpeg=image/jpeg jpe=image/jpeg png=image/png webp=image/webp gif=image/gif bmp=image/bmp "
        "tif=image/tiff tiff=image/tiff tbn=image/jpeg avif=image/avif heic=image/heic heif=image/heif "
        "svg=image/svg+xml ico=image/x-icon jxl=image/jxl"
    ),
    FileClass.NFO: "nfo=text/x-nfo",
    FileClass.PLAYLIST: (
        "m3u=audio/x-mpegurl m3u8=application/vnd.apple.mpegurl pls=audio/x-scpls xspf=application/xspf+xml "
        "cue=application/x-cue mpls=application/x-mpls bdmv=application/x-bdmv ifo=application/x-ifo "
        "bup=application/x-ifo clpi=application/x-clpi strm=text/x-strm"
    ),
    FileClass.ARCHIVE: (
        "zip=application/zip rar=application/vnd.rar 7z=application/x-7z-compressed tar=application/x-tar "
        "gz=application/gzip tgz=application/gzip bz2=application/x-bzip2 xz=application/x-xz zst=application/zstd "
        "cab=application/vnd.ms-cab-compressed lz=application/x-lzip"
    ),
    FileClass.DOCUMENT: (
        "pdf=application/pdf epub=application/epub+zip mobi=application/x-mobipocket-ebook "
        "azw3=application/vnd.amazon.ebook txt=text/plain md=text/markdown html=text/html htm=text/html "
        "rtf=application/rtf doc=application/msword xls=application/vnd.ms-excel ppt=application/vnd.ms-powerpoint "
        "docx=application/vnd.openxmlformats-officedocument.wordprocessingml.document "
        "xlsx=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "
        "pptx=application/vnd.openxmlformats-officedocument.presentationml.presentation "
        "odt=application/vnd.oasis.opendocument.text ods=application/vnd.oasis.opendocument.spreadsheet "
        "djvu=image/vnd.djvu cbz=application/vnd.comicbook+zip cbr=application/vnd.comicbook-rar csv=text/csv "
        "json=application/json xml=application/xml log=text/plain sfv=text/x-sfv md5=text/plain url=text/x-url"
    ),
    FileClass.DISC_IMAGE: (
        "iso=application/x-iso9660-image img=application/x-raw-disk-image nrg=application/x-nrg "
        "bin=application/x-raw-disk-image mdf=application/x-mdf"
    ),
    FileClass.PROGRAM: (
        "exe=application/vnd.microsoft.portable-executable msi=application/x-msi dll=application/x-msdownload "
        "com=application/x-dosexec scr=application/x-dosexec bat=application/x-bat cmd=application/x-bat "
        "sh=application/x-sh so=application/x-sharedlib lnk=application/x-ms-shortcut "
        "apk=application/vnd.android.package-archive js=text/javascript vbs=text/vbscript ps1=application/x-powershell"
    ),
}


def _extension_table() -> dict[str, Kind]:
    table: dict[str, Kind] = {}
    for file_class, entries in _BY_CLASS.items():
        for entry in entries.split():
            extension, _, mime_type = entry.partition("=")
            table[extension] = (file_class, mime_type)
    return table


EXTENSION_KINDS: Final = _extension_table()

EXTENSIONS: Final[dict[FileClass, frozenset[str]]] = {
    file_class: frozenset(extension for extension, (owner, _) in EXTENSION_KINDS.items() if owner is file_class)
    for file_class in FileClass
}
"""Lower-case extensions of each class, without the dot."""

RIFF: Final = {
    b"AVI ": (FileClass.VIDEO, "video/x-msvideo"),
    b"AVIX": (FileClass.VIDEO, "video/x-msvideo"),
    b"WAVE": (FileClass.AUDIO, "audio/wav"),
    b"WEBP": (FileClass.ARTWORK, "image/webp"),
    b"RMID": (FileClass.AUDIO, "audio/midi"),
}
BRANDS: Final = {
    b"qt  ": (FileClass.VIDEO, "video/quicktime"),
    b"M4V ": (FileClass.VIDEO, "video/x-m4v"),
    b"M4VH": (FileClass.VIDEO, "video/x-m4v"),
    b"M4VP": (FileClass.VIDEO, "video/x-m4v"),
    b"M4A ": (FileClass.AUDIO, "audio/mp4"),
    b"M4B ": (FileClass.AUDIO, "audio/mp4"),
    b"M4P ": (FileClass.AUDIO, "audio/mp4"),
    b"F4A ": (FileClass.AUDIO, "audio/mp4"),
    b"avif": (FileClass.ARTWORK, "image/avif"),
    b"avis": (FileClass.ARTWORK, "image/avif"),
    b"heic": (FileClass.ARTWORK, "image/heic"),
    b"heix": (FileClass.ARTWORK, "image/heic"),
    b"mif1": (FileClass.ARTWORK, "image/heif"),
    b"3gp4": (FileClass.VIDEO, "video/3gpp"),
    b"3gp5": (FileClass.VIDEO, "video/3gpp"),
    b"3g2a": (FileClass.VIDEO, "video/3gpp2"),
}
QUICKTIME_ATOMS: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})

PREFIXES: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"fLaC", (FileClass.AUDIO, "audio/flac")),
    (b"ID3", (FileClass.AUDIO, "audio/mpeg")),
    (b"MAC ", (FileClass.AUDIO, "audio/x-ape")),
    (b"wvpk", (FileClass.AUDIO, "audio/x-wavpack")),
    (b"MPCK", (FileClass.AUDIO, "audio/x-musepack")),
    (b"MP+", (FileClass.AUDIO, "audio/x-musepack")),
    (b"TTA1", (FileClass.AUDIO, "audio/x-tta")),
    (b"DSD ", (FileClass.AUDIO, "audio/x-dsf")),
    (b"FRM8", (FileClass.AUDIO, "audio/x-dff")),
    (b"caff", (FileClass.AUDIO, "audio/x-caf")),
    (b"#!AMR", (FileClass.AUDIO, "audio/amr")),
    (b"MThd", (FileClass.AUDIO, "audio/midi")),
    (b"\x0b\x77", (FileClass.AUDIO, "audio/ac3")),
    (b"\x7f\xfe\x80\x01", (FileClass.AUDIO, "audio/vnd.dts")),
    (b"FLV\x01", (FileClass.VIDEO, "video/x-flv")),
    (b".RMF", (FileClass.VIDEO, "application/vnd.rn-realmedia")),
    (b"\x00\x00\x01\xba", (FileClass.VIDEO, "video/mpeg")),
    (b"\x00\x00\x01\xb3", (FileClass.VIDEO, "video/mpeg")),
    (b"YUV4MPEG2", (FileClass.VIDEO, "video/x-yuv4mpeg")),
    (b"DKIF", (FileClass.VIDEO, "video/x-ivf")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", (FileClass.VIDEO, "application/mxf")),
    (b"\xb7\xd8\x00\x20\x37\x49\xda\x11", (FileClass.VIDEO, "video/x-wtv")),
    (b"\xff\xd8\xff", (FileClass.ARTWORK, "image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", (FileClass.ARTWORK, "image/png")),
    (b"GIF87a", (FileClass.ARTWORK, "image/gif")),
    (b"GIF89a", (FileClass.ARTWORK, "image/gif")),
    (b"II*\x00", (FileClass.ARTWORK, "image/tiff")),
    (b"MM\x00*", (FileClass.ARTWORK, "image/tiff")),
    (b"\x00\x00\x00\x0cJXL ", (FileClass.ARTWORK, "image/jxl")),
    (b"Rar!\x1a\x07", (FileClass.ARCHIVE, "application/vnd.rar")),
    (b"7z\xbc\xaf\x27\x1c", (FileClass.ARCHIVE, "application/x-7z-compressed")),
    (b"\x1f\x8b\x08", (FileClass.ARCHIVE, "application/gzip")),
    (b"BZh", (FileClass.ARCHIVE, "application/x-bzip2")),
    (b"\xfd7zXZ\x00", (FileClass.ARCHIVE, "application/x-xz")),
    (b"\x28\xb5\x2f\xfd", (FileClass.ARCHIVE, "application/zstd")),
    (b"MSCF\x00\x00\x00\x00", (FileClass.ARCHIVE, "application/vnd.ms-cab-compressed")),
    (b"%PDF-", (FileClass.DOCUMENT, "application/pdf")),
    (b"{\\rtf", (FileClass.DOCUMENT, "application/rtf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (FileClass.DOCUMENT, "application/x-ole-storage")),
    (b"\x7fELF", (FileClass.PROGRAM, "application/x-executable")),
    (b"#!/", (FileClass.PROGRAM, "text/x-script")),
    (b"DVDVIDEO-", (FileClass.PLAYLIST, "application/x-ifo")),
)
"""Signatures at the very start. Longer before shorter where one begins another."""

_FAMILIES: Final = {
    "matroska": "video/x-matroska audio/x-matroska application/x-matroska video/webm audio/webm",
    "mp4": "video/mp4 video/x-m4v video/quicktime video/3gpp video/3gpp2 audio/mp4",
    "ogg": "video/ogg audio/ogg audio/opus",
    "asf": "video/x-ms-asf video/x-ms-wmv audio/x-ms-wma video/x-ms-dvr",
    "mpeg": "video/mpeg",
    "realmedia": "application/vnd.rn-realmedia application/vnd.rn-realmedia-vbr audio/vnd.rn-realaudio",
}

CONTAINER_FAMILIES: Final[dict[str, str]] = {
    mime_type: family for family, members in _FAMILIES.items() for mime_type in members.split()
}
"""MIME types that are one container under several names."""
