"""Romanise Chinese station names: toneless pinyin for ids, names as travellers know them for
labels.

Pinyin comes from `pypinyin`, with a table of every name it reads wrongly (place names keep old
readings: 什邡 is Shifang, 太姥山 Taimushan, 漯河 Luohe). The whole list of the 2023-12-15 timetable
was read by eye; doubtful ones (太姥山, 吴圩, 通远堡, 穆棱, 冠豸山) were compared with the spelling
in 12306's station list.
"""

from __future__ import annotations

from pypinyin import lazy_pinyin

#: readings that pypinyin gets wrong, or that would depend on its version; longest match wins
PINYIN: dict[str, str] = {
    "三都": "san du",
    "三穗": "san sui",
    "东莞": "dong guan",
    "丰都": "feng du",
    "丽水": "li shui",
    "于都": "yu du",
    "任丘": "ren qiu",
    "什邡": "shi fang",
    "仙居": "xian ju",
    "会昌": "hui chang",
    "佛坪": "fo ping",
    "佛山": "fo shan",
    "全州": "quan zhou",
    "六安": "lu an",
    "六枝": "liu zhi",
    "六盘水": "liu pan shui",
    "冠豸山": "guan zhai shan",
    "北滘": "bei jiao",
    "南乐": "nan le",
    "南堡": "nan pu",
    "厦门": "xia men",
    "吴圩": "wu xu",
    "台安": "tai an",
    "台州": "tai zhou",
    "吕梁": "lü liang",
    "大埔": "da bu",
    "大荔": "da li",
    "大通": "da tong",
    "太姥山": "tai mu shan",
    "子长": "zi chang",
    "小榄": "xiao lan",
    "尖山": "jian shan",
    "崇左": "chong zuo",
    "峨边": "e bian",
    "惠安堡": "hui an bu",
    "成都": "cheng du",
    "新都": "xin du",
    "曲子": "qu zi",
    "曲阜": "qu fu",
    "曲靖": "qu jing",
    "朝天": "chao tian",
    "朝阳": "chao yang",
    "歙县": "she xian",
    "民乐": "min le",
    "江都": "jiang du",
    "洪洞": "hong tong",
    "渑池": "mian chi",
    "滑浚": "hua xun",
    "漯河": "luo he",
    "牟平": "mu ping",
    "犀浦": "xi pu",
    "犍为": "qian wei",
    "珠海长隆": "zhu hai chang long",
    "珲春": "hun chun",
    "甜水堡": "tian shui bu",
    "番禺": "pan yu",
    "穆棱": "mu ling",
    "红寺堡": "hong si bu",
    "绿博园": "lü bo yuan",
    "耒阳": "lei yang",
    "花都": "hua du",
    "茌平": "chi ping",
    "莘县": "shen xian",
    "莘庄": "xin zhuang",
    "蔚县": "yu xian",
    "蚌埠": "beng bu",
    "蛟河": "jiao he",
    "角美": "jiao mei",
    "道滘": "dao jiao",
    "通远堡": "tong yuan pu",
    "郏县": "jia xian",
    "郫县": "pi xian",
    "都安": "du an",
    "都匀": "du yun",
    "都昌": "du chang",
    "都江堰": "du jiang yan",
    "鄠邑": "hu yi",
    "重庆": "chong qing",
    "长临河": "chang lin he",
    "长乐": "chang le",
    "长兴": "chang xing",
    "长宁": "chang ning",
    "长安": "chang an",
    "长寿": "chang shou",
    "长山屯": "chang shan tun",
    "长春": "chang chun",
    "长汀": "chang ting",
    "长沙": "chang sha",
    "长治": "chang zhi",
    "长流": "chang liu",
    "长清": "chang qing",
    "长白山": "chang bai shan",
    "长箐": "chang qing",
    "长葛": "chang ge",
    "陵水": "ling shui",
    "颍上": "ying shang",
    "鲅鱼圈": "ba yu quan",
    "鲘门": "hou men",
    "龙洞堡": "long dong bao",
    "乐清": "yue qing",
    "乐山": "le shan",
    "乐昌": "le chang",
    "乐同": "le tong",
    "亳州": "bo zhou",
}

#: whole names, as they are best known in English
ENGLISH: dict[str, str] = {
    "香港西九龙": "Hong Kong West Kowloon",
    "磨丁": "Boten",
    "万象": "Vientiane",
    "万荣": "Vang Vieng",
    "琅勃拉邦": "Luang Prabang",
    "八达岭长城": "Badaling Great Wall",
    "平遥古城": "Pingyao Ancient City",
    "凤凰古城": "Fenghuang Ancient Town",
    "朱砂古镇": "Zhusha Ancient Town",
    "花溪大学城": "Huaxi University Town",
    "离堆公园": "Lidui Park",
    "黄河景区": "Yellow River Scenic Area",
    "顺德学院": "Shunde Polytechnic",
    "本溪新城": "Benxi New Town",
    "兰州新区": "Lanzhou New Area",
    "苏州新区": "Suzhou New District",
    "无锡新区": "Wuxi New District",
    "苏州园区": "Suzhou Industrial Park",
    "金山园区": "Jinshan Industrial Park",
    "合肥北城": "Hefei Beicheng",
    "山丹马场": "Shandan Horse Ranch",
    "步行街": "Pedestrian Street",
    "嵊州新昌": "Shengzhou Xinchang",
    "洛湾三江": "Luowan Sanjiang",
    "威海南海": "Weihai Nanhai",
    "盐城大丰": "Yancheng Dafeng",
    "洛阳龙门": "Luoyang Longmen",
    "辽宁朝阳": "Liaoning Chaoyang",
    "郑州航空港": "Zhengzhou Hangkonggang",
    "深圳坪山": "Shenzhen Pingshan",
    "珠海长隆": "Zhuhai Changlong",
    "上海虹桥": "Shanghai Hongqiao",
    "北京丰台": "Beijing Fengtai",
    "北京大兴": "Beijing Daxing",
    "北京朝阳": "Beijing Chaoyang",
    "白云机场北": "Baiyun Airport North",
    "深圳机场北": "Shenzhen Airport North",
    "观音机场": "Guanyin Airport",
    "东城南": "Dongcheng South",
    "香格里拉": "Shangri-La",
}

#: stems that the rules would get wrong: Mongol, Uyghur and Tibetan names, and 景德镇, which is no
#: town
STEMS: dict[str, str] = {
    "乌兰察布": "Ulanqab",
    "乌兰浩特": "Ulanhot",
    "乌鲁木齐": "Urumqi",
    "克拉玛依": "Karamay",
    "准格尔": "Jungar",
    "加查": "Gyaca",
    "吐鲁番": "Turpan",
    "呼和浩特": "Hohhot",
    "和硕": "Hoxud",
    "哈尔滨": "Harbin",
    "奎屯": "Kuytun",
    "库尔勒": "Korla",
    "托克托": "Togtoh",
    "拉萨": "Lhasa",
    "日喀则": "Xigaze",
    "朗县": "Nang County",
    "杜尔伯特": "Dorbod",
    "林芝": "Nyingchi",
    "格尔木": "Golmud",
    "米林": "Mainling",
    "达拉特": "Dalad",
    "鄂尔多斯": "Ordos",
    "齐齐哈尔": "Qiqihar",
    "景德镇": "Jingdezhen",
}

DIRECTIONS = {"东": "East", "南": "South", "西": "West", "北": "North"}


def syllables(name: str) -> list[str]:
    """Return the toneless pinyin of a name, one item a character ("lü" keeps its umlaut)."""
    out: list[str] = []
    i = 0
    plain = ""
    while i < len(name):
        hit = next((name[i:j] for j in range(len(name), i + 1, -1) if name[i:j] in PINYIN), None)
        if hit is None:
            plain += name[i]
            i += 1
            continue
        out += [*(lazy_pinyin(plain, v_to_u=True) if plain else []), *PINYIN[hit].split()]
        plain = ""
        i += len(hit)
    return out + (lazy_pinyin(plain, v_to_u=True) if plain else [])


def pinyin_id(name: str) -> str:
    """Return the id of a name: its pinyin in lower case without spaces, `ü` as `v` as 12306 writes
    it.
    """
    return "".join(syllables(name)).replace("ü", "v")


def join_pinyin(name: str) -> str:
    """Return the pinyin of a name as one capitalised word, with the apostrophe of Xi'an."""
    parts = syllables(name)
    word = parts[0] + "".join(f"'{p}" if p[0] in "aeo" else p for p in parts[1:])
    return word[:1].upper() + word[1:]


def english_name(name: str) -> str:
    """Return the romanised name as railway maps have it: Beijing South, Xinzheng Airport, Wan'an
    County.
    """
    if name in ENGLISH:
        return ENGLISH[name]
    if name in STEMS:
        return STEMS[name]
    if len(name) > 2 and name[-1] in DIRECTIONS:
        return f"{english_name(name[:-1])} {DIRECTIONS[name[-1]]}"
    if len(name) > 2 and name.endswith("机场"):
        return f"{english_name(name[:-2])} Airport"
    for suffix, word in (("县", "County"), ("市", "City"), ("镇", "Town")):
        if len(name) > 2 and name.endswith(suffix):
            return f"{english_name(name[:-1])} {word}"
    return join_pinyin(name)
