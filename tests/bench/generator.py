"""Any number of plausible bilingual listings from a seed: the same seed gives the same listings, on any machine.

Made by drawing from pools of materials, products, methods and measures, so that words repeat about as unevenly as in
real lists, and so that needs and achievements of one field share vocabulary. Everything is invented.
"""

# ruff: noqa: SIM905  - pools written as running text stay readable
import random
from collections.abc import Iterator

from search_index.documents import KINDS, ListingDocument

FIELDS = tuple(f"F{number:02d}" for number in range(1, 30))
CHAINS = tuple(f"C{number:02d}" for number in range(1, 12))
CITIES = tuple(f"37{number:02d}00" for number in range(1, 18) if number != 12)
MODES = ("transfer", "licence", "stake", "joint_development", "service")
ORG_KINDS = ("university", "institute", "enterprise", "broker", "facility")

# (zh, en) pools
SUBJECTS = tuple(
    tuple(pair.split("|"))
    for pair in (
        "质子交换膜|proton exchange membrane;碳化硅单晶|silicon carbide crystal;锂电隔膜|lithium battery separator;"
        "钛合金锻件|titanium alloy forging;铝合金型材|aluminium profile;碳纤维预浸料|carbon fibre prepreg;"
        "高温轴承|high temperature bearing;滚珠丝杠|ball screw;谐波减速器|harmonic reducer;伺服电机|servo motor;"
        "激光雷达|lidar;毫米波雷达|millimetre wave radar;工业相机|industrial camera;水质传感器|water quality sensor;"
        "海水淡化膜|desalination membrane;海洋浮标|ocean buoy;深海机械手|deep sea manipulator;船用发动机|marine engine;"
        "柴油机喷嘴|diesel nozzle;联合收割机|combine harvester;播种机|seed drill;灌溉阀门|irrigation valve;"
        "小麦种质|wheat germplasm;玉米抗病品种|maize cultivar;对虾苗种|shrimp fry;海参饲料|sea cucumber feed;"
        "酶制剂|enzyme preparation;益生菌|probiotic;抗体药物|antibody drug;疫苗佐剂|vaccine adjuvant;"
        "骨科植入物|orthopaedic implant;内窥镜|endoscope;血糖监测仪|glucose monitor;体外诊断试剂|diagnostic reagent;"
        "橡胶助剂|rubber additive;绿色轮胎|green tyre;聚氨酯泡沫|polyurethane foam;环氧树脂|epoxy resin;"
        "氟硅材料|fluorosilicone;聚酰亚胺薄膜|polyimide film;分子筛催化剂|zeolite catalyst;加氢催化剂|hydrogenation catalyst;"
        "电解槽|electrolyser;储氢瓶|hydrogen cylinder;双极板|bipolar plate;钠离子电池|sodium ion battery;"
        "储能变流器|storage converter;光伏支架|solar mount;风电叶片|wind blade;核级阀门|nuclear valve;"
        "变频压缩机|inverter compressor;智能门锁|smart lock;洗衣机电机|washing machine motor;冷链箱|cold chain box;"
        "牡丹提取物|peony extract;花生油|peanut oil;果蔬保鲜膜|fresh-keeping film;印染助剂|dyeing auxiliary;"
        "耐火砖|refractory brick;水泥窑|cement kiln;钢渣|steel slag;赤泥|red mud;"
        "采煤机截齿|shearer pick;矿井通风机|mine fan;盾构刀具|shield cutter;隧道支护|tunnel support"
    ).split(";")
)
METHODS = tuple(
    tuple(pair.split("|"))
    for pair in (
        "增材制造|additive manufacturing;激光熔覆|laser cladding;热处理|heat treatment;精密铸造|precision casting;"
        "超声检测|ultrasonic testing;机器视觉检测|machine vision inspection;数字孪生|digital twin;故障诊断|fault diagnosis;"
        "预测性维护|predictive maintenance;强化学习调度|reinforcement learning scheduling;图像识别|image recognition;"
        "低温等离子体|cold plasma;微波干燥|microwave drying;超临界萃取|supercritical extraction;膜分离|membrane separation;"
        "电化学沉积|electrodeposition;溶胶凝胶|sol-gel coating;连续流合成|continuous flow synthesis;发酵|fermentation;"
        "基因编辑|gene editing;分子标记育种|marker assisted breeding;余热回收|waste heat recovery;脱硫脱硝|flue gas cleaning;"
        "资源化利用|resource recovery;表面改性|surface modification;轻量化设计|lightweight design;密封|sealing;"
        "在线监测|online monitoring;远程控制|remote control;边缘计算|edge computing;无损检测|non-destructive testing;"
        "振动抑制|vibration control;噪声治理|noise reduction;防腐|corrosion protection;节能改造|energy saving retrofit;"
        "自动装配|automatic assembly;柔性夹具|flexible fixture;快速换模|quick die change;冷却|cooling;焊接|welding"
    ).split(";")
)
QUALITIES = tuple(
    tuple(pair.split("|"))
    for pair in (
        "高强|high strength;低成本|low cost;耐高温|heat resistant;耐腐蚀|corrosion resistant;高精度|high precision;"
        "长寿命|long life;低能耗|low energy;大尺寸|large size;微型|miniature;智能|intelligent;环保型|environment friendly;"
        "国产化|domestically made;可降解|degradable;阻燃|flame retardant;超薄|ultra thin;快速|rapid"
    ).split(";")
)
MEASURES = ("强度|MPa", "温度|℃", "精度|μm", "寿命|h", "功率|kW", "压力|MPa", "产能|t", "能耗|kWh", "流量|L", "厚度|mm")
SENTENCES = (
    "针对{subject}在{method}环节中{measure}不足的问题,研究{quality}的工艺路线,{measure}由{a}{unit}提高到{b}{unit}。",
    "采用{method}与{method2}相结合的方案,使{subject}的{measure}达到{b}{unit},批次合格率{c}%。",
    "样机型号{model},已在{place}完成{a}小时连续运行考核,与现有产品相比{measure}改善{c}%。",
    "项目组围绕{subject}建立了材料、结构、工艺一体化的评价方法,形成企业标准{n}项。",
    "现有进口产品交货期长、价格高,希望以{quality}的{subject}替代,{measure}不低于{b}{unit}。",
    "该技术可用于{subject}及{subject2}的生产线,改造周期{n}个月,投资回收期约{n}年。",
)
SENTENCES_EN = (
    "For the {subject}, {method} raises the key figure from {a} to {b} {unit}.",
    "The prototype {model} has run for {a} hours and passes {c} percent of batches.",
    "A {quality} {subject} made by {method} replaces imported parts.",
    "The process suits production lines for {subject} and {subject2} with little rebuilding.",
)
PLACES = ("济南", "青岛", "潍坊", "烟台", "淄博", "临沂", "东营", "威海", "日照", "济宁")


def listings(count: int, *, seed: int = 1, needs_share: float = 0.2, first: int = 1) -> Iterator[ListingDocument]:
    """`count` listings with ids from `first` upwards, about `needs_share` of them needs."""
    for number in range(first, first + count):
        yield listing(number, seed=seed, needs_share=needs_share)


def listing(number: int, *, seed: int = 1, needs_share: float = 0.2) -> ListingDocument:
    draw = random.Random(f"{seed}:{number}")
    kind = KINDS[draw.random() < needs_share]
    field_at = min(int(draw.expovariate(0.08)), len(FIELDS) - 1)
    words = _words(draw, field_at)
    price = draw.choice((None, draw.randrange(5, 500) * 1_000_000))
    return ListingDocument(
        id=f"{kind}:{number}",
        kind=kind,
        rev=1,
        title_zh=_title(words, kind),
        title_en=_title_en(words, kind),
        summary_zh="".join(_filled(draw, words, SENTENCES[:2], "zh")),
        summary_en=" ".join(_filled(draw, words, SENTENCES_EN[:2], "en")),
        body_zh="".join(_filled(draw, words, draw.sample(SENTENCES, 5), "zh")),
        body_en=" ".join(_filled(draw, words, SENTENCES_EN, "en")) if draw.random() < 0.6 else "",
        keywords=(words["subject"][0], words["method"][0], words["model"]),
        ip_numbers=(f"ZL20{draw.randrange(10, 25)}1{draw.randrange(10**7):07d}.{draw.randrange(10)}",),
        org_name_zh=f"演示{draw.choice(PLACES)}第{draw.randrange(1, 60)}研究院",
        org_name_en=f"Demo institute {draw.randrange(1, 60)}",
        owner_org=draw.randrange(1, 400),
        org_kind=draw.choice(ORG_KINDS),
        fields=tuple(dict.fromkeys((FIELDS[field_at], *draw.sample(FIELDS, draw.choice((0, 0, 1)))))),
        chains=(CHAINS[field_at % len(CHAINS)],),
        city=draw.choice(CITIES),
        maturity=draw.choice((None, *range(1, 10))),
        modes=tuple(draw.sample(MODES, draw.choice((1, 1, 2)))),
        ip_status=(draw.choice(("granted", "pending", "none")),),
        released=draw.random() < 0.05,
        money_min=price,
        money_max=price and price * 2,
        audience="verified" if draw.random() < 0.1 else "public",
        fresh_at=1_700_000_000 + draw.randrange(40_000_000),
        published_at=1_690_000_000 + draw.randrange(40_000_000),
        closes_at=1_800_000_000 + draw.randrange(20_000_000) if kind == "need" else None,
        quality=round(draw.uniform(0.3, 1.0), 2),
        boost_faded=draw.random() < 0.05,
    )


def _words(draw: random.Random, field_at: int) -> dict[str, tuple[str, ...] | str]:
    """Subjects are near in the pool for one field, so a field has a vocabulary of its own."""
    near = SUBJECTS[field_at * 2 : field_at * 2 + 8]
    subject, subject2 = draw.sample(near, 2)
    method, method2 = draw.sample(METHODS, 2)
    return {
        "subject": subject,
        "subject2": subject2,
        "method": method,
        "method2": method2,
        "quality": draw.choice(QUALITIES),
        "model": f"{draw.choice('ABDGHKLQSTXYZ')}{draw.choice('CFJKMNPRSW')}-{draw.randrange(100, 9999)}",
    }


def _title(words: dict[str, tuple[str, ...] | str], kind: str) -> str:
    core = f"{words['quality'][0]}{words['subject'][0]}{words['method'][0]}"
    return f"寻求{core}技术" if kind == "need" else f"{core}关键技术与装备"


def _title_en(words: dict[str, tuple[str, ...] | str], kind: str) -> str:
    core = f"{words['quality'][1]} {words['subject'][1]} by {words['method'][1]}"
    return f"Seeking {core}" if kind == "need" else core.capitalize()


def _filled(
    draw: random.Random, words: dict[str, tuple[str, ...] | str], sentences: tuple[str, ...] | list[str], language: str
) -> Iterator[str]:
    at = 0 if language == "zh" else 1
    named = {name: value if isinstance(value, str) else value[at] for name, value in words.items()}
    for sentence in sentences:
        measure, unit = draw.choice(MEASURES).split("|")
        low = draw.randrange(2, 900)
        yield sentence.format(
            **named,
            measure=measure,
            unit=unit,
            a=low,
            b=low + draw.randrange(5, 300),
            c=draw.randrange(60, 100),
            n=draw.randrange(1, 12),
            place=draw.choice(PLACES),
        )
