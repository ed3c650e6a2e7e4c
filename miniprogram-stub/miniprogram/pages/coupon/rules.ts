import { definePage } from '../../page';

/** What holds for every coupon, in the words that an offer has to give; what holds for one alone stands on the coupon. */
definePage({
  data: {
    rules: [
      { title: '怎么用', text: '结账前出示优惠券的二维码或条形码，由店员扫码。每张券只能用一次，不兑换现金，不找零。' },
      { title: '什么时候能用', text: '在券上写明的日期内、写明的门店可用。到期后不能再用，也不补发。' },
      { title: '哪些商品不能用', text: '处方药、甲类非处方药和医保支付的部分不参加任何优惠。其余以券上写的范围为准。' },
      { title: '几张券一起用', text: '能不能叠加以券上写的为准，结账时由收银系统按券上的规则计算。' },
      { title: '退货', text: '退货按实付金额退款。整单退货时，没有过期的券会不会退回，以券的使用说明为准。' },
    ],
  },
});
