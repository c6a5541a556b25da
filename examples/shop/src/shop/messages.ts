/*
 * What the shop tells the world. Messages keep their order per topic and key, so what has to stay in order shares one
 * topic: everything that happens to an order, by order; every level of a stock, by SKU.
 */

/** Topic `order.events`, keyed by the order. */
export type OrderEvent =
  | {
      readonly event: 'placed';
      readonly order: string;
      readonly customer: string;
      readonly name: string;
    }
  /** The amount is in the smallest unit of the currency. */
  | { readonly event: 'paid'; readonly order: string; readonly amount: number; readonly currency: string }
  | { readonly event: 'shipped'; readonly order: string; readonly country: string };

/** Topic `stock.level`, keyed by the SKU: only the last one counts, so they must not overtake each other. */
export interface StockLevel {
  readonly sku: string;
  readonly level: number;
}

/** The topics of the shop and what their messages carry. */
export type ShopTopics = {
  'order.events': OrderEvent;
  'stock.level': StockLevel;
};
