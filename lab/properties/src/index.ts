export { assertStoreProperty, type PropertyOptions } from './store-property.ts';
