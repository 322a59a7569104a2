"""What a column holds, told from its label: synonyms in Chinese and English."""

import re
import unicodedata
from enum import StrEnum


class Role(StrEnum):
    """What a column of a list holds."""

    NUMBER = "number"
    DATE = "date"
    DONOR = "donor"
    AMOUNT = "amount"
    REMARK = "remark"
    ITEM = "item"
    SPEC = "spec"
    MEASURE = "measure"
    QUANTITY = "quantity"
    VALUE = "value"
    PRICE = "price"
    RECIPIENT = "recipient"
    CHANNEL = "channel"
    REFERENCE = "reference"
    ORGANIZATION = "organization"
    """单位名称, 单位: the other party of the list, whoever that is; or, among goods, the unit of measure."""
    NAME = "name"
    """名称: of the goods, or of the other party."""


_EXACT: dict[Role, str] = {
    Role.NUMBER: "序号 编号 号 序 行号 序列 序列号 项次 no no. # s/n sn serial index id serialno number",
    Role.DATE: "日期 时间 date time day received",
    Role.DONOR: (
        "捐赠单位 捐赠人 捐款人 捐赠方 捐赠者 捐助人 捐献者 姓名 捐赠来源 来源 爱心人士 爱心企业 爱心单位 "
        "捐款单位 捐赠个人 捐赠单位及个人 捐赠企业 交款人 付款人 付款方 汇款人 对方户名 户名 捐赠单位/个人 "
        "捐赠单位(个人) 捐方 donor donors donatedby from payer contributor giver"
    ),
    Role.AMOUNT: (
        "金额 数额 款额 捐赠金额 捐款金额 捐款数额 捐赠数额 捐款额 捐款数 善款 款项 资金 捐款 捐赠款 "
        "到账金额 实收金额 捐赠资金 收入 收入金额 amount sum donation money gift"
    ),
    Role.REMARK: (
        "备注 说明 附言 留言 摘要 用途 捐赠用途 定向 意向 捐赠意向 指定用途 项目 捐赠项目 备注说明 祝福 "
        "寄语 remark remarks note notes comment comments purpose message memo"
    ),
    Role.ITEM: (
        "品名 物资 物资名称 物品 物品名称 货物 货品 品种 入库物资 捐赠物资 捐赠物品 发放物资 物资品名 产品 "
        "产品名称 商品 商品名称 药品名称 货物名称 物资种类 捐赠内容 item items goods product description "
        "article"
    ),
    Role.SPEC: "规格 规格型号 型号 包装规格 型号规格 包装 spec specs specification model packing",
    Role.MEASURE: "计量单位 数量单位 计数单位 计量 unit units uom measure",
    Role.QUANTITY: (
        "数量 总数 件数 数目 数量总计 总数量 捐赠数量 发放数量 实发数量 领用数量 接收数量 合计数量 "
        "quantity qty count pieces"
    ),
    Role.VALUE: (
        "价值 折算金额 估值 折价 总价 价款 公允价值 折合金额 物资价值 总价值 折款 货值 物资折价 折合人民币 "
        "value worth fairvalue"
    ),
    Role.PRICE: "单价 价格 price unitprice",
    Role.RECIPIENT: (
        "接收单位 接受单位 受捐单位 受赠单位 受赠方 受捐方 发放单位 领用单位 领取单位 流向 去向 物资流向 "
        "物资去向 发放对象 使用单位 受助单位 分配单位 收货单位 接收方 接收医院 受援单位 受益单位 发往单位 "
        "接收人 领取人 领用人 recipient recipients to hospital beneficiary receiver issuedto givento"
    ),
    Role.CHANNEL: (
        "渠道 捐赠渠道 捐款渠道 捐款方式 捐赠方式 支付方式 付款方式 支付渠道 方式 途径 平台 channel method "
        "via platform paymentmethod"
    ),
    Role.REFERENCE: (
        "流水号 交易号 交易单号 交易流水号 订单号 单号 凭证号 票据号 收据号 业务流水号 商户订单号 "
        "支付订单号 参考号 票号 reference ref transactionid transaction receipt receiptno orderno "
        "transactionno"
    ),
    Role.ORGANIZATION: "单位 单位名称 机构 机构名称 企业 企业名称",
    Role.NAME: "名称 name",
}
_BY_LABEL = {label: role for role, labels in _EXACT.items() for label in labels.split()}

_LOOSE: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        (Role.ITEM, r"(?:物资|物品|品名|名称|品种)[及和与、/]{1,2}数量"),
        (Role.NUMBER, r"^(?:序号|编号|序列号)|^no\.?$|serialn"),
        (Role.DATE, r"日期|时间|\bdate|date$"),
        (Role.REFERENCE, r"流水|单号|订单|凭证|票据|收据号|票号|交易号|reference|transaction(?:id|no)"),
        (Role.CHANNEL, r"渠道|方式|途径|平台|channel|method"),
        (Role.PRICE, r"单价|price"),
        (Role.VALUE, r"折|价值|估值|总价|货值|fairvalue|value"),
        (Role.AMOUNT, r"金额|款额|数额|捐款数|资金|善款|amount"),
        (Role.SPEC, r"规格|型号|specification|^model"),
        (Role.MEASURE, r"计量|unitof|measure"),
        (
            Role.RECIPIENT,
            r"(?:接收|接受|受赠|受捐|受助|受援|受益|领用|领取|发放|发往|分配|使用|收货)(?:单位|方|对象|机构|医院|人|者)|流向|去向|recipient|beneficiar",
        ),
        (
            Role.DONOR,
            r"(?:捐赠|捐款|捐助|捐献|付款|交款|汇款|爱心)(?:单位|人|方|者|个人|企业|机构|姓名|名称)|姓名|户名|donor|contributor",
        ),
        (Role.QUANTITY, r"数量|件数|quantity|qty"),
        (Role.ITEM, r"品名|物资|物品|货物|药品|商品|goods|item"),
        (Role.REMARK, r"备注|说明|附言|留言|摘要|用途|意向|remark|notes?$"),
        (Role.ORGANIZATION, r"单位|机构"),
    )
)

_BRACKETS = re.compile(r"\([^()]*\)")
_MONEY_UNITS = {
    "元": 100,
    "圆": 100,
    "角": 10,
    "分": 1,
    "千元": 10**5,
    "万元": 10**6,
    "十万元": 10**7,
    "百万元": 10**8,
    "亿元": 10**10,
}
_MONEY_UNIT = re.compile(
    r"(?:^|[(:/,、\s额款值价金]|单位|人民币|按|以)(?P<unit>[千万亿]|[十百]?[千万亿]?[元圆]|角|分|yuan|rmb|cny)(?=$|[),、\s整])"
)
_FOREIGN = re.compile(r"美元|美金|港币|港元|欧元|日元|英镑|澳元|加元|usd|eur|hkd|gbp|jpy|[$€£]")
_COUNTED = re.compile(r"\((?:单位:?)?(?P<measure>[^\d\s()元/、,]{1,3})\)$")


def plain_label(label: str) -> str:
    """Normalise a label: one width, lower case, no white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", label)).lower().strip("*:：")


def role_of(label: str) -> tuple[Role, bool] | None:
    """Tell what a label announces, and whether it is a known synonym word for word."""
    plain = plain_label(label)
    bare = _BRACKETS.sub("", plain)
    for form in (plain, bare):
        if form in _BY_LABEL:
            return _BY_LABEL[form], True
    flat = re.sub(r"[()/／、]", "", plain)
    if flat in _BY_LABEL:
        return _BY_LABEL[flat], True
    for form in (bare, flat):
        for role, pattern in _LOOSE:
            if pattern.search(form):
                return role, False
    return None


def money_factor(label: str) -> int | None:
    """Return the fen in the unit that a label or heading states (金额(万元): 1,000,000); None when it states none."""
    plain = unicodedata.normalize("NFKC", label).lower()
    match = _MONEY_UNIT.search(plain)
    if match is None:
        return None
    unit = match["unit"]
    if unit in {"yuan", "rmb", "cny"}:
        return 100
    return _MONEY_UNITS.get(unit if unit[-1] in "元圆角分" else unit + "元")


def foreign_currency(label: str) -> str | None:
    """Return the foreign currency that a label names."""
    match = _FOREIGN.search(unicodedata.normalize("NFKC", label).lower())
    return match[0] if match else None


def measure_in(label: str) -> str:
    """Return the unit of measure in a quantity's label, as in 数量(箱)."""
    match = _COUNTED.search(plain_label(label))
    return match["measure"].upper() if match else ""
