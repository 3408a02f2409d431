"""The genre vocabularies, as data: what the normal names are and which words mean them.

The film and television names are TMDB's two genre lists and Cinemeta's list (v3-cinemeta.strem.io/manifest.json), taken
together as one; compounds of TMDB's television list ("Sci-Fi & Fantasy") are no genres of their own here. The music
names are those that ID3 numbers (https://id3.org/id3v2.3.0, appendix A, and Winamp's later additions).
"""

from __future__ import annotations

SCREEN_GENRES: tuple[str, ...] = (
    "Action",
    "Adult",
    "Adventure",
    "Animation",
    "Anime",
    "Biography",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "Film Noir",
    "Game Show",
    "History",
    "Horror",
    "Kids",
    "Music",
    "Musical",
    "Mystery",
    "News",
    "Politics",
    "Reality",
    "Romance",
    "Science Fiction",
    "Short",
    "Soap",
    "Sport",
    "Talk",
    "Thriller",
    "TV Movie",
    "War",
    "Western",
)

_ID3_NAMES = (
    "Blues|Classic Rock|Country|Dance|Disco|Funk|Grunge|Hip-Hop|Jazz|Metal|New Age|Oldies|"
    "Other|Pop|R&B|Rap|Reggae|Rock|Techno|Industrial|Alternative|Ska|Death Metal|Pranks|"
    "Soundtrack|Euro-Techno|Ambient|Trip-Hop|Vocal|Jazz & Funk|Fusion|Trance|Classical|"
    "Instrumental|Acid|House|Game|Sound Clip|Gospel|Noise|Alternative Rock|Bass|Soul|Punk|"
    "Space|Meditative|Instrumental Pop|Instrumental Rock|Ethnic|Gothic|Darkwave|Techno-Industrial|"
    "Electronic|Pop-Folk|Eurodance|Dream|Southern Rock|Comedy|Cult|Gangsta|Top 40|Christian Rap|"
    "Pop-Funk|Jungle|Native American|Cabaret|New Wave|Psychedelic|Rave|Showtunes|Trailer|Lo-Fi|"
    "Tribal|Acid Punk|Acid Jazz|Polka|Retro|Musical|Rock & Roll|Hard Rock|Folk|Folk Rock|"
    "National Folk|Swing|Fast Fusion|Bebop|Latin|Revival|Celtic|Bluegrass|Avantgarde|"
    "Gothic Rock|Progressive Rock|Psychedelic Rock|Symphonic Rock|Slow Rock|Big Band|Chorus|"
    "Easy Listening|Acoustic|Humour|Speech|Chanson|Opera|Chamber Music|Sonata|Symphony|"
    "Booty Bass|Primus|Porn Groove|Satire|Slow Jam|Club|Tango|Samba|Folklore|Ballad|"
    "Power Ballad|Rhythmic Soul|Freestyle|Duet|Punk Rock|Drum Solo|A Cappella|Euro-House|"
    "Dancehall|Goa|Drum & Bass|Club-House|Hardcore|Terror|Indie|Britpop|Afro-Punk|Polsk Punk|"
    "Beat|Christian Gangsta Rap|Heavy Metal|Black Metal|Crossover|Contemporary Christian|"
    "Christian Rock|Merengue|Salsa|Thrash Metal|Anime|J-Pop|Synthpop|Abstract|Art Rock|Baroque|"
    "Bhangra|Big Beat|Breakbeat|Chillout|Downtempo|Dub|EBM|Eclectic|Electro|Electroclash|Emo|"
    "Experimental|Garage|Global|IDM|Illbient|Industro-Goth|Jam Band|Krautrock|Leftfield|Lounge|"
    "Math Rock|New Romantic|Nu-Breakz|Post-Punk|Post-Rock|Psytrance|Shoegaze|Space Rock|"
    "Trop Rock|World Music|Neoclassical|Audiobook|Audio Theatre|Neue Deutsche Welle|Podcast|"
    "Indie Rock|G-Funk|Dubstep|Garage Rock|Psybient"
)

ID3_GENRES: tuple[str, ...] = tuple(_ID3_NAMES.split("|"))
"""Position is the number that an ID3 tag writes."""

MORE_MUSIC_GENRES: tuple[str, ...] = (
    "Singer-Songwriter",
    "K-Pop",
    "World",
    "Children's Music",
    "Spoken Word",
    "Bossa Nova",
    "Flamenco",
    "Grime",
    "Deep House",
    "Doom Metal",
    "Power Metal",
    "Progressive Metal",
    "Holiday",
)

ALIASES: dict[str, str] = {
    "Science Fiction": (
        "sci-fi|scifi|sf|sci fi|science-fiction|sciencefiction|ciencia ficcion|ficcao cientifica|fantascienza|scienza"
        " fantasy|science-fiction film|научная фантастика|нф|фантастика|sf film|bilim kurgu|sciencefictionfilm|sci-fy|"
        "tieteiselokuva|科幻|サイエンスフィクション|sf映画"
    ),
    "Action": "actionfilm|accion|acao|azione|actie|akcja|akcni|боевик|экшен|toiminta|aksiyon|动作|アクション",
    "Adult": "xxx|porn|pornography|erotic|erotica|erotik|erwachsene",
    "Adventure": (
        "abenteuer|aventure|aventures|aventura|avventura|avontuur|aventuras|przygodowy|przygoda|приключения|aventyr|"
        "eventyr|seikkailu|macera|dobrodruzny|冒险|アドベンチャー"
    ),
    "Animation": (
        "animated|animations|cartoon|cartoons|zeichentrick|trickfilm|animacion|animacao|animazione|animatie|animacja|"
        "мультфильм|анимация|animasjon|tecknat|animaatio|animasyon|animovany|动画|アニメーション"
    ),
    "Anime": "аниме|アニメ|动漫",
    "Biography": "biopic|biographical|biografie|biographie|biografia|biography film|биография|biografi|传记",
    "Comedy": (
        "comedies|komodie|komoedie|comedie|comedia|commedia|komedie|komedia|комедия|komedi|komedia|stand-up|standup|"
        "stand-up comedy|humor|humour|sitcom|喜剧|コメディ"
    ),
    "Crime": (
        "krimi|kriminalfilm|policier|crimen|crimine|crimi|misdaad|kryminal|криминал|kriminal|rikos|suc|crime film|"
        "criminal|true crime|犯罪"
    ),
    "Documentary": (
        "documentaries|docu|doc|docs|doku|dokumentation|dokumentarfilm|documentaire|documental|documentario|"
        "dokumentalny|документальный|документальные|dokumentar|dokumentti|belgesel|dokumentarni|纪录片|ドキュメンタリー"
    ),
    "Drama": "dramas|drame|dramat|драма|draama|dram|dramma|剧情|ドラマ",
    "Family": (
        "familie|familienfilm|familial|familiale|familia|famiglia|familia|familijny|семейный|familj|perhe|aile|"
        "rodinny|家庭|ファミリー"
    ),
    "Fantasy": "fantastique|fantasia|fantastyka|fantastico|фэнтези|fantasi|fantastik|fantasia|奇幻|ファンタジー",
    "Film Noir": "film-noir|noir|neo-noir|cine negro",
    "Game Show": "game-show|gameshow|quiz|quiz show|quizshow|spielshow",
    "History": (
        "historical|historie|historisch|geschichte|histoire|historique|historia|historico|storia|storico|geschiedenis|"
        "historyczny|история|исторический|tarih|historicky|period drama|历史|歴史"
    ),
    "Horror": "horror film|horrorfilm|horreur|epouvante|terror film|orrore|ужасы|skrack|kauhu|korku|恐怖|ホラー",
    "Kids": (
        "kid|children|childrens|children's|child|kinder|kinderfilm|enfants|jeunesse|infantil|ninos|criancas|bambini|"
        "kinderen|dzieci|детский|barn|lapset|cocuk|儿童|キッズ"
    ),
    "Music": "music film|musik|musique|musica|muziek|muzyczny|музыка|musikk|musiikki|muzik|concert|concerts|音乐|音楽",
    "Musical": "musicals|musicalfilm|comedie musicale|мюзикл",
    "Mystery": (
        "mysteries|suspense|mystere|misterio|mistero|mysterie|tajemnica|детектив|mysterium|mysteerit|gizem|mysteriozni|"
        "whodunit|detective|悬疑|ミステリー|謎"
    ),
    "News": "nachrichten|actualites|noticias|notizie|nieuws|новости|nyheter|uutiset|haber|current affairs|新闻",
    "Politics": "political|politik|politique|politica|политика|政治",
    "Reality": "reality-tv|reality tv|realitytv|realite|telerealite|реалити|真人秀",
    "Romance": (
        "romantic|romances|love|love story|liebesfilm|romanze|romantik|romantisch|romantique|romantico|romantica|"
        "romantiek|romans|мелодрама|romantikk|romantiikka|romantizm|romanticky|爱情|ロマンス"
    ),
    "Short": "shorts|short film|short films|kurzfilm|kurzfilme|court metrage|cortometraje|corto|короткометражка",
    "Soap": "soap opera|soaps|telenovela|seifenoper|feuilleton",
    "Sport": "sports|sports film|sportfilm|deporte|deportes|esporte|спорт|urheilu|spor|体育|スポーツ",
    "Talk": "talk-show|talk show|talkshow|talk shows|chat show|ток-шоу|脱口秀",
    "Thriller": "thrillers|suspenso|триллер|triller|jannitys|gerilim|惊悚|スリラー",
    "TV Movie": (
        "tv-movie|tvmovie|television movie|tv film|fernsehfilm|telefilm|pelicula de tv|film de television|"
        "televisiefilm|телевизионный фильм|电视电影|テレビ映画"
    ),
    "War": "war film|krieg|kriegsfilm|guerre|guerra|oorlog|wojenny|военный|krig|sota|savas|valecny|战争|戦争",
    "Western": "westerns|вестерн|kovboy|西部",
    "Hip-Hop": "hip hop|hiphop|hip-hop rap|hiphop rap",
    "R&B": "rnb|r'n'b|r n b|rhythm & blues|rhythm and blues|contemporary r&b",
    "Rock & Roll": "rock 'n' roll|rock n roll|rock'n'roll|rock and roll|rock-n-roll",
    "Drum & Bass": "dnb|d&b|drum n bass|drum'n'bass|drum and bass",
    "Electronic": "electronica|elektronisch|elektronik|electronique|dance & electronic|electro music",
    "Classical": "klassik|classique|clasica|classica|klassiek|klassische musik|classical music|классика",
    "Soundtrack": "soundtracks|ost|original soundtrack|score|film score|filmmusik|bande originale|stage & screen",
    "Audiobook": "audiobooks|audio book|audio books|horbuch|hoerbuch|livre audio|audiolibro",
    "Podcast": "podcasts",
    "Humour": "comedy music",
    "Indie": "indie pop & rock|independent",
    "Alternative": "alternative & punk|alternativ",
    "Folk": "volksmusik|folk music|folkmusik",
    "World Music": "weltmusik|musique du monde",
    "Native American": "native us",
    "Metal": "metal music|heavy metal music",
    "J-Pop": "jpop|j pop",
    "K-Pop": "kpop|k pop",
    "Synthpop": "synth-pop|synth pop",
    "Psytrance": "psy-trance|psychedelic trance|goa trance",
    "A Cappella": "a capella|acapella|acappella",
    "Dancehall": "dance hall",
    "Children's Music": "kindermusik|childrens music",
}
"""Normal name → other words for it, separated by ``|``: abbreviations, adjectives, the names in other languages."""

NOT_A_GENRE_FOLDER = frozenset(
    {"Music", "Other", "Trailer", "Short", "Game", "Sound Clip", "Speech", "Podcast", "Audiobook", "TV Movie", "World"}
)
"""Genres whose words, as the name of a folder, usually mean something else (a music collection, extras)."""
